import Anthropic from '@anthropic-ai/sdk';
import type { AuthHeader } from '@claude-flow/core/runtime/config';
import type { ProxySettings } from '@claude-flow/core/runtime/network-env';
import { proxyFetch } from '@claude-flow/core/runtime/proxy-fetch';
import { limitedFetch } from './limited-fetch.ts';
import { MODEL_ANSWER_BYTES } from './tunables.ts';

export interface ModelClientOptions {
  /** Absent: the server at `baseUrl` needs none (a local one). */
  apiKey?: string | undefined;
  /** The header that carries the key. Default: `bearer`, as the SDK does. */
  authHeader?: AuthHeader | undefined;
  proxy?: ProxySettings | undefined;
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
  const key = options.apiKey ?? NO_KEY;
  return new Anthropic({
    // Always given, so that the SDK does not look into the environment by itself.
    apiKey: key,
    ...(options.authHeader === 'x-api-key'
      ? { defaultHeaders: { authorization: null, 'x-api-key': key } }
      : {}),
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    maxRetries: 0,
    fetch: limitedFetch(options.answerBytes ?? MODEL_ANSWER_BYTES, proxyFetch(options.proxy)),
    // Errors come back as exceptions and are logged by us, without prompts.
    logLevel: 'off',
  });
}
