import Anthropic from '@anthropic-ai/sdk';
import { limitedFetch } from './limited-fetch.ts';
import { MODEL_ANSWER_BYTES } from './tunables.ts';

export interface ModelClientOptions {
  /** Absent: the server at `baseUrl` needs none (a local one). */
  apiKey?: string | undefined;
  /** The origin; `/v1/...` is added to it. */
  baseUrl: string;
  /** How long the provider may take until its answer begins, in milliseconds. */
  timeoutMs: number;
  /** An answer with more bytes than this breaks off. Default: more than any answer has. */
  answerBytes?: number;
}

/** The SDK refuses to start without a key; local servers ignore it. */
const NO_KEY = 'unused';

/** A client without retries of its own: `call-with-retry.ts` is the one place that tries again. */
export function createModelClient(options: ModelClientOptions): Anthropic {
  return new Anthropic({
    apiKey: options.apiKey ?? NO_KEY,
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    maxRetries: 0,
    fetch: limitedFetch(options.answerBytes ?? MODEL_ANSWER_BYTES),
    // Errors come back as exceptions and are logged by us, without prompts.
    logLevel: 'off',
  });
}
