import type { Parameters } from 'fast-check';

const number = (name: string) => {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
};

/**
 * How many runs, and which. `LEDGER_MODEL_RUNS` gives the number of runs (many, for a night), `LEDGER_MODEL_SEED` and
 * `LEDGER_MODEL_PATH` play a failure again: fast-check prints both.
 */
export function runParameters<T>(numRuns: number): Parameters<T> {
  const seed = number('LEDGER_MODEL_SEED');
  const path = process.env['LEDGER_MODEL_PATH'];
  return {
    numRuns: number('LEDGER_MODEL_RUNS') ?? numRuns,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  };
}

/** For thousands of runs on a busy machine; the usual number needs seconds. */
export const MODEL_TIMEOUT_MS = 3_600_000;
