import type { StackModel } from '@claude-flow/local-stack/stack-env';

export interface ModelChoice {
  model: StackModel;
  /** One line for the user about what answered, and how to change that. */
  sentence: string;
  /** The same for when nothing was answered at all. */
  unanswered: string;
}

/** A model server of one's own asks for no key, yet the SDK sends one. */
const NO_KEY = 'none';

/** Simulated, unless a credential (ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN) or a model server's address (ANTHROPIC_BASE_URL) is set. */
export function chooseModel(env: NodeJS.ProcessEnv): ModelChoice {
  const apiKey = env['ANTHROPIC_API_KEY'] || undefined;
  const baseUrl = env['ANTHROPIC_BASE_URL'] || undefined;
  const token = env['ANTHROPIC_AUTH_TOKEN'] || undefined;
  if (apiKey === undefined && token === undefined && baseUrl === undefined) {
    const sentence =
      'The model was simulated, offline (costs are list prices, nothing was charged); set ANTHROPIC_API_KEY to use Claude.';
    return { model: { kind: 'mock' }, sentence, unanswered: sentence };
  }
  const where = baseUrl === undefined ? "Anthropic's API" : new URL(baseUrl).host;
  return {
    model: {
      kind: 'anthropic',
      // The token goes with the other variables, and alone.
      ...(apiKey === undefined && token !== undefined ? {} : { apiKey: apiKey ?? NO_KEY }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    },
    sentence: `A real model answered (${where}); unset the ANTHROPIC_ variables to simulate one.`,
    unanswered: `No model answered (${where}); unset the ANTHROPIC_ variables to simulate one.`,
  };
}

/** A fault in these variables, in a sentence; found before anything is started. */
export function modelFault(env: NodeJS.ProcessEnv): string | undefined {
  const baseUrl = env['ANTHROPIC_BASE_URL'];
  if (!baseUrl || /^https?:$/.test(URL.canParse(baseUrl) ? new URL(baseUrl).protocol : '')) return undefined;
  return 'ANTHROPIC_BASE_URL must be a URL that starts with http:// or https://.';
}
