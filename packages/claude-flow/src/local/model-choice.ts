import type { StackModel } from '@claude-flow/local-stack/stack-env';

export interface ModelChoice {
  model: StackModel;
  /** One line for the user about what answered, and how to change that. */
  sentence: string;
}

/** A model server of one's own asks for no key, yet the SDK sends one. */
const NO_KEY = 'none';

/** Simulated, unless ANTHROPIC_API_KEY or the address of a model server (ANTHROPIC_BASE_URL) is set. */
export function chooseModel(env: NodeJS.ProcessEnv): ModelChoice {
  const apiKey = env['ANTHROPIC_API_KEY'] || undefined;
  const baseUrl = env['ANTHROPIC_BASE_URL'] || undefined;
  if (apiKey === undefined && baseUrl === undefined) {
    const sentence =
      'The model was simulated, offline (costs are list prices, nothing was charged); set ANTHROPIC_API_KEY to use Claude.';
    return { model: { kind: 'mock' }, sentence };
  }
  const where = baseUrl === undefined ? "Anthropic's API" : new URL(baseUrl).host;
  return {
    model: { kind: 'anthropic', apiKey: apiKey ?? NO_KEY, ...(baseUrl === undefined ? {} : { baseUrl }) },
    sentence: `A real model answered (${where}); unset ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL to simulate one.`,
  };
}

/** What of the user's environment changes how the system works; everything else stays outside. */
const TUNING = /^(CLAUDE_FLOW_MODEL(_[A-Z]+)?|MAX_CONCURRENT_TASKS|LOG_LEVEL|MOCK_LATENCY_MS|MOCK_SEED)$/;

export function tuningEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const chosen: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (TUNING.test(name) && value) chosen[name] = value;
  return chosen;
}

/** A fault in these variables, in a sentence; found before anything is started. */
export function modelFault(env: NodeJS.ProcessEnv): string | undefined {
  const baseUrl = env['ANTHROPIC_BASE_URL'];
  if (!baseUrl || /^https?:$/.test(URL.canParse(baseUrl) ? new URL(baseUrl).protocol : '')) return undefined;
  return 'ANTHROPIC_BASE_URL must be a URL that starts with http:// or https://.';
}
