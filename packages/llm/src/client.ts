import Anthropic from '@anthropic-ai/sdk';
import type { AuthHeader } from '@claude-flow/core/runtime/config';
import type { ProxySettings } from '@claude-flow/core/runtime/network-env';
import { proxyFetch } from '@claude-flow/core/runtime/proxy-fetch';
import { MODEL_CALL_TIMEOUT_MS } from '@claude-flow/core/runtime/tunables';
import { MODEL_ANSWER_BYTES, MODEL_OUTPUT_TOKENS } from './tunables.ts';
import type { DroppedField } from './wire/droppable-fields.ts';
import { type LeftOut, modelFetch } from './wire/model-fetch.ts';

export interface ModelClientOptions {
  /** Absent: the server at `baseUrl` needs none (a local one). */
  apiKey?: string | undefined;
  /** The header that carries the key. Default: `bearer`, as the SDK does. */
  authHeader?: AuthHeader | undefined;
  proxy?: ProxySettings | undefined;
  /** The origin; `/v1/...` is added to it. */
  baseUrl: string;
  /** How long the provider may be silent until its answer begins, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How long it may be silent within its answer, in milliseconds. */
  stallMs?: number | undefined;
  /** An answer with more bytes than this breaks off. Default: more than any answer has. */
  answerBytes?: number;
  /** Output tokens of one call at most. */
  maxOutputTokens?: number | undefined;
  /** Optional fields of a request that are never sent. */
  neverSent?: readonly DroppedField[] | undefined;
  /** Told when a server refuses something optional and is asked without it from then on. */
  onLeftOut?: ((notice: LeftOut) => void) | undefined;
}

/** The SDK refuses to start without a key; local servers ignore it. */
const NO_KEY = 'unused';

/** A client without retries of its own: `call-with-retry.ts` is the one place that tries again. */
export function createModelClient(options: ModelClientOptions): Anthropic {
  const key = options.apiKey ?? NO_KEY;
  const firstMs = options.timeoutMs ?? MODEL_CALL_TIMEOUT_MS;
  return new Anthropic({
    // Always given, so that the SDK does not look into the environment by itself.
    apiKey: key,
    ...(options.authHeader === 'x-api-key'
      ? { defaultHeaders: { authorization: null, 'x-api-key': key } }
      : {}),
    baseURL: options.baseUrl,
    timeout: firstMs,
    maxRetries: 0,
    fetch: modelFetch({
      ask: proxyFetch(options.proxy),
      bytes: options.answerBytes ?? MODEL_ANSWER_BYTES,
      firstMs,
      betweenMs: options.stallMs ?? MODEL_CALL_TIMEOUT_MS,
      maxOutputTokens: options.maxOutputTokens ?? MODEL_OUTPUT_TOKENS,
      neverSent: options.neverSent ?? [],
      onLeftOut: options.onLeftOut,
    }),
    // Errors come back as exceptions and are logged by us, without prompts.
    logLevel: 'off',
  });
}
