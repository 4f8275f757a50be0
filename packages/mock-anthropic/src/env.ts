import { isLoopback } from '@claude-flow/core/domain/loopback';
import { z } from 'zod';

const DEFAULT_PORT = 8787;
const DEFAULT_LATENCY_MS = 150;
/** A minute to the first token is more than any test or demo can want. */
const MAX_LATENCY_MS = 60_000;

const wholeNumber = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${low} to ${high}`)
    .transform(Number)
    .refine((value) => value >= low && value <= high, `must be a whole number from ${low} to ${high}`);

const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .default('false')
  .transform((text) => text === 'true');

const envSchema = z.object({
  MOCK_PORT: wholeNumber(0, 65_535).default(DEFAULT_PORT),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Probes and metrics on a port of their own; they are also on MOCK_PORT. */
  HEALTH_PORT: wholeNumber(0, 65_535).optional(),
  MOCK_LATENCY_MS: wholeNumber(0, MAX_LATENCY_MS).default(DEFAULT_LATENCY_MS),
  /** How many of a hundred answers are sent as awkward servers do. */
  MOCK_AWKWARD_PERCENT: wholeNumber(0, 100).default(0),
  MOCK_SEED: z.string().min(1).default('1'),
  NODE_ENV: z.string().optional(),
  /** It may serve where `NODE_ENV` is production, and on addresses that other machines reach. */
  MOCK_ALLOW_PRODUCTION: flag,
  MOCK_ALLOW_PUBLIC: flag,
});

type MockEnv = z.infer<typeof envSchema>;

/**
 * The settings of the process. An empty variable counts as not set.
 * @returns the settings, or one sentence for each variable that is wrong
 */
export const readEnv = (env: NodeJS.ProcessEnv): { settings: MockEnv } | { faults: string[] } => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = envSchema.safeParse(given);
  if (parsed.success) {
    const faults = unsafe(parsed.data);
    return faults.length === 0 ? { settings: parsed.data } : { faults };
  }
  return {
    faults: parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name} ${issue.message}, but is "${env[name] ?? ''}".`;
    }),
  };
};

/** Answers of no model, where somebody could take them for real ones or reach the controls. */
const unsafe = (env: MockEnv): string[] => {
  const faults: string[] = [];
  if (env.NODE_ENV === 'production' && !env.MOCK_ALLOW_PRODUCTION) {
    faults.push(
      'NODE_ENV is production, and this is no model: it makes answers up. Set MOCK_ALLOW_PRODUCTION=true if that is wanted.',
    );
  }
  if (!isLoopback(env.HOST) && !env.MOCK_ALLOW_PUBLIC) {
    faults.push(
      `HOST is ${env.HOST}, which other machines may reach, and any key is accepted here. Use 127.0.0.1, or set MOCK_ALLOW_PUBLIC=true.`,
    );
  }
  return faults;
};
