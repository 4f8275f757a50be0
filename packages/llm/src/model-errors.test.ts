import Anthropic from '@anthropic-ai/sdk';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { describe, expect, it } from 'vitest';
import { classifyModelError } from './model-errors.ts';

function answer(
  status: number,
  type: string,
  extra: { code?: string; headers?: Record<string, string> } = {},
) {
  const error = {
    type,
    message: `said ${type}`,
    ...(extra.code === undefined ? {} : { details: { error_code: extra.code } }),
  };
  return Anthropic.APIError.generate(status, { type: 'error', error }, undefined, new Headers(extra.headers));
}

const midStream = (type: string) =>
  new Anthropic.APIError(undefined, { type: 'error', error: { type, message: 'm' } }, undefined, undefined);

describe('classifyModelError', () => {
  it.each([
    [400, 'invalid_request_error', 'rejected', 'model_rejected'],
    [401, 'authentication_error', 'rejected', 'model_rejected'],
    [402, 'billing_error', 'rejected', 'model_rejected'],
    [403, 'permission_error', 'rejected', 'model_rejected'],
    [404, 'not_found_error', 'rejected', 'model_rejected'],
    [408, 'timeout_error', 'retry', 'model_unavailable'],
    [409, 'conflict_error', 'retry', 'model_unavailable'],
    [412, 'invalid_request_error', 'rejected', 'model_rejected'],
    [413, 'invalid_request_error', 'rejected', 'model_rejected'],
    [422, 'invalid_request_error', 'rejected', 'model_rejected'],
    [429, 'rate_limit_error', 'overloaded', 'model_unavailable'],
    [431, 'invalid_request_error', 'rejected', 'model_rejected'],
    [499, 'api_error', 'retry', 'model_unavailable'],
    [500, 'api_error', 'retry', 'model_unavailable'],
    [501, 'api_error', 'rejected', 'model_rejected'],
    [502, 'api_error', 'retry', 'model_unavailable'],
    [503, 'overloaded_error', 'overloaded', 'model_unavailable'],
    [504, 'timeout_error', 'retry', 'model_unavailable'],
    [529, 'overloaded_error', 'overloaded', 'model_unavailable'],
  ])('an answer %i %s is %s (%s)', (status, type, kind, code) => {
    const failure = classifyModelError(answer(status, type));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.sentence).toContain(`said ${type}`);
    expect(failure.sentence).toMatch(/\.$/);
  });

  it.each([
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'overloaded'],
    ['api_error', 'retry'],
    ['timeout_error', 'retry'],
    ['authentication_error', 'rejected'],
    ['permission_error', 'rejected'],
    ['billing_error', 'rejected'],
    ['invalid_request_error', 'rejected'],
    ['not_found_error', 'rejected'],
    ['an_error_of_tomorrow', 'retry'],
  ])('an error event %s in the middle of a stream is %s', (type, kind) => {
    expect(classifyModelError(midStream(type)).kind).toBe(kind);
  });

  it('says which variable to look at', () => {
    expect(classifyModelError(answer(401, 'authentication_error')).sentence).toContain('ANTHROPIC_API_KEY');
    expect(classifyModelError(answer(404, 'not_found_error')).sentence).toContain('CLAUDE_FLOW_MODEL');
  });

  it.each(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])(
    'does not wait for a 429 that is the spend limit %s',
    (code) => {
      expect(classifyModelError(answer(429, 'rate_limit_error', { code })).kind).toBe('rejected');
    },
  );

  it('waits for the ramp limit', () => {
    const error = answer(429, 'rate_limit_error', {
      code: 'ramp_limit_exceeded',
      headers: { 'retry-after': '7' },
    });
    expect(classifyModelError(error)).toMatchObject({ kind: 'overloaded', retryAfterMs: 7000 });
  });

  it('believes a provider that says not to try again', () => {
    const error = answer(500, 'api_error', { headers: { 'x-should-retry': 'false' } });
    expect(classifyModelError(error).kind).toBe('rejected');
  });

  it('knows a cut socket, a lost connection, a timeout and our own abort', () => {
    expect(classifyModelError(new Anthropic.AnthropicError('terminated')).kind).toBe('retry');
    expect(classifyModelError(new Anthropic.APIConnectionTimeoutError()).kind).toBe('retry');
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const lost = classifyModelError(new Anthropic.APIConnectionError({ cause }));
    expect(lost.kind).toBe('retry');
    expect(lost.sentence).toContain('ECONNREFUSED');
    expect(lost.sentence).toContain('ANTHROPIC_BASE_URL');
    expect(classifyModelError(new Anthropic.APIUserAbortError()).kind).toBe('aborted');
    expect(classifyModelError(new DOMException('x', 'AbortError')).kind).toBe('aborted');
  });

  it('passes our own errors on, and never retries a mistake in our code', () => {
    const refused = new ClaudeFlowError('model_refused', 'No.');
    expect(classifyModelError(refused)).toMatchObject({ kind: 'refused', code: 'model_refused' });
    expect(classifyModelError(new TypeError('oops'))).toMatchObject({ kind: 'rejected', code: 'internal' });
  });
});
