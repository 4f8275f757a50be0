import type { ReportedUsage } from './cost.ts';

/**
 * Bytes of JSON that make a token: English prose has about four characters to one, code and other languages fewer. Rather too
 * many tokens than too few, since a budget may hang on them.
 */
const BYTES_PER_TOKEN = 3;

export interface CountedUsage {
  reported: ReportedUsage;
  /** How many of the tokens are estimates, because the server reported none. */
  estimatedTokens: number;
}

/**
 * What a server reported of one call, and where it reported nothing, or zero for what cannot be zero, an estimate from the
 * length of what was sent and answered.
 * @param answered undefined: the answer is not known, its tokens are not estimated
 */
export function countUsage(
  reported: ReportedUsage | null | undefined,
  sent: object,
  answered: readonly unknown[] | undefined,
): CountedUsage {
  const given = reported ?? {};
  const prompt =
    tokens(given.input_tokens) +
    tokens(given.cache_read_input_tokens) +
    tokens(given.cache_creation_input_tokens);
  const input = prompt > 0 ? 0 : estimate(sent);
  const silent = answered === undefined || answered.length === 0;
  const output = silent || tokens(given.output_tokens) > 0 ? 0 : estimate(answered);
  return {
    reported: {
      ...given,
      ...(input > 0 ? { input_tokens: input } : {}),
      ...(output > 0 ? { output_tokens: output } : {}),
    },
    estimatedTokens: input + output,
  };
}

function tokens(value: number | null | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function estimate(value: unknown): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(value)) / BYTES_PER_TOKEN);
}
