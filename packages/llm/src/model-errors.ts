import Anthropic from '@anthropic-ai/sdk';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError, type ErrorCode, errorMessage } from '@claude-flow/core/domain/errors';
import { connectionCause } from './connection-cause.ts';
import { retryAfterMs } from './retry-after.ts';
import { isWebPage, saidIn } from './wire/error-quote.ts';

/**
 * `retry`: may work when called again. `overloaded`: the same, and the provider asks for patience. `rejected`: the same
 * call fails again. `refused`: the model declined. `aborted`: we ended the call ourselves.
 */
export type ModelErrorKind = 'retry' | 'overloaded' | 'rejected' | 'refused' | 'aborted';

export interface ModelFailure {
  kind: ModelErrorKind;
  code: ErrorCode;
  /** How long the provider asks us to wait. */
  retryAfterMs?: number;
  /** For a person: what happened and what to do. */
  sentence: string;
}

const again = (sentence: string): ModelFailure => ({ kind: 'retry', code: 'model_unavailable', sentence });
const busy = (sentence: string): ModelFailure => ({
  kind: 'overloaded',
  code: 'model_unavailable',
  sentence,
});
const rejected = (sentence: string): ModelFailure => ({ kind: 'rejected', code: 'model_rejected', sentence });

const CHECK_KEY = 'Check ANTHROPIC_API_KEY.';
const UNREACHABLE = 'Check the network and ANTHROPIC_BASE_URL.';

/** 429s that no waiting cures. */
const SPEND_LIMITS: ReadonlySet<string | null> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);

/** What an error of a model call means. Pure; branches on class, status, type and code, never on the wording. */
export function classifyModelError(error: unknown): ModelFailure {
  const own = ownError(error);
  if (own !== undefined) {
    const kind = own.code === 'model_refused' ? 'refused' : own.retryable ? 'retry' : 'rejected';
    return { kind, code: own.code, sentence: own.message };
  }
  if (
    error instanceof Anthropic.APIUserAbortError ||
    (error instanceof Error && error.name === 'AbortError')
  ) {
    return { kind: 'aborted', code: 'internal', sentence: 'The model call was ended before its answer.' };
  }
  if (error instanceof Anthropic.APIConnectionTimeoutError) {
    return again(
      `The model provider did not answer in time (CLAUDE_FLOW_MODEL_STALL_FIRST_MS says how long to wait). ${UNREACHABLE}`,
    );
  }
  if (error instanceof Anthropic.APIConnectionError) {
    return again(`The model provider cannot be reached (${connectionCause(error)}). ${UNREACHABLE}`);
  }
  if (error instanceof Anthropic.APIError) return classifyAnswer(error);
  if (error instanceof Anthropic.AnthropicError) {
    // A cut socket, or a stream that ended in the middle.
    return again(`The model's answer broke off (${errorMessage(error)}).`);
  }
  return { kind: 'rejected', code: 'internal', sentence: errorMessage(error) };
}

/** An error of ours, also when the SDK has wrapped it: what its `fetch` and the bodies of that throw. */
function ownError(error: unknown): ClaudeFlowError | undefined {
  let cause = error;
  while (cause instanceof Anthropic.AnthropicError && cause.cause !== undefined) cause = cause.cause;
  return cause instanceof ClaudeFlowError ? cause : undefined;
}

function classifyAnswer(error: InstanceType<typeof Anthropic.APIError>): ModelFailure {
  const failure = error.status === undefined ? byType(error) : byStatus(error, error.status);
  if (failure.kind === 'rejected' || error.headers === undefined) return failure;
  if (error.headers.get('x-should-retry') === 'false') {
    return rejected(`${failure.sentence} The provider says that trying again does not help.`);
  }
  const wait = retryAfterMs(error.headers, Date.now());
  return wait === undefined ? failure : { ...failure, retryAfterMs: wait };
}

function byStatus(error: InstanceType<typeof Anthropic.APIError>, status: number): ModelFailure {
  const said = quote(error);
  if (saysAWebPage(error)) {
    const page = byPage(status, said);
    if (page !== undefined) return page;
  }
  switch (status) {
    case 401:
      return rejected(`The model provider does not accept the API key (401${said}). ${CHECK_KEY}`);
    case 402:
      return rejected(`The model provider wants payment (402${said}). Check the account's billing.`);
    case 403:
      return rejected(`The API key may not do this (403${said}). ${CHECK_KEY}`);
    case 404:
      return rejected(
        `The model provider does not know this model or address (404${said}). Check CLAUDE_FLOW_MODEL and ANTHROPIC_BASE_URL.`,
      );
    case 408:
    case 409:
    case 425:
    case 499:
      return again(`The model provider did not finish the request (${status}${said}).`);
    case 413:
      return rejected(
        `The request is too large for the model provider (413${said}). Give the task less to read.`,
      );
    case 429:
      return SPEND_LIMITS.has(error.errorCode)
        ? rejected(`The account's spend limit is reached (429${said}). Raise it with the model provider.`)
        : busy(`The model provider's rate limit is reached (429${said}).`);
    case 501:
      return rejected(`The server at ANTHROPIC_BASE_URL cannot do this (501${said}).`);
    case 503:
    case 529:
      return busy(`The model provider is overloaded (${status}${said}).`);
    default:
      if (status >= 500) return again(`The model provider failed (${status}${said}).`);
      return rejected(
        `The model provider refuses the request (${status}${said}). Trying again would not help.`,
      );
  }
}

/** A web page is no answer of a model server: whatever stands in front of it has answered, and knows nothing of the key. */
function byPage(status: number, said: string): ModelFailure | undefined {
  if (status >= 500 || status === 408 || status === 425 || status === 429) return undefined;
  return rejected(
    `The server at ANTHROPIC_BASE_URL answers with a web page (${status}${said}): a firewall, a proxy or a sign-in page in front of the model provider, or an address that is none. ${UNREACHABLE}`,
  );
}

function saysAWebPage(error: InstanceType<typeof Anthropic.APIError>): boolean {
  const type = error.headers?.get('content-type') ?? '';
  return /\bhtml\b/i.test(type) || (error.error === undefined && isWebPage(textOf(error)));
}

/** What the SDK keeps of a body that is not JSON: in its message, behind the status. */
function textOf(error: InstanceType<typeof Anthropic.APIError>): string {
  if (error.message.endsWith('status code (no body)')) return '';
  return error.status === undefined ? error.message : error.message.replace(/^[0-9]{3} /, '');
}

/** An error event in the middle of a stream has a type and no status. */
function byType(error: InstanceType<typeof Anthropic.APIError>): ModelFailure {
  const said = quote(error);
  switch (error.type) {
    case 'overloaded_error':
      return busy(`The model provider became overloaded in the middle of its answer${said}.`);
    case 'rate_limit_error':
      return busy(`The model provider's rate limit was reached in the middle of its answer${said}.`);
    case 'authentication_error':
    case 'permission_error':
      return rejected(`The model provider does not accept the API key${said}. ${CHECK_KEY}`);
    case 'billing_error':
      return rejected(`The model provider wants payment${said}. Check the account's billing.`);
    case 'invalid_request_error':
    case 'not_found_error':
      return rejected(`The model provider refuses the request${said}. Trying again would not help.`);
    case 'api_error':
    case 'timeout_error':
    case 'conflict_error':
    case 'memory_precondition_failed_error':
    case 'memory_path_conflict_error':
    case null:
      return again(`The model's answer broke off${said}.`);
    default:
      return unknownType(error.type, said);
  }
}

/** The types are listed above; a server may still send one that this SDK does not know. */
function unknownType(type: never, said: string): ModelFailure {
  return again(`The model's answer broke off with "${String(type)}"${said}.`);
}

/** A provider's explanation may be this long in a sentence of ours. */
const QUOTE_LENGTH = 300;

function quote(error: InstanceType<typeof Anthropic.APIError>): string {
  const said = saidIn(error.error === undefined ? textOf(error) : error.error);
  return said === '' ? '' : `: ${cutText(said, QUOTE_LENGTH, '...')}`;
}
