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

  it.each([
    [{ type: 'error', error: { type: 'x', message: 'Its own\n shape' } }, 'Its own shape'],
    [{ object: 'error', message: 'A message', code: 400 }, 'A message'],
    [{ detail: 'A detail' }, 'A detail'],
    [{ detail: [{ loc: ['body', 'x'], msg: 'Field required' }] }, 'Field required'],
    [{ error: 'An error as text' }, 'An error as text'],
    [{ error: { code: 7, message: 'Nested' } }, 'Nested'],
    [[{ error: { message: 'In a list' } }], 'In a list'],
    ['\nA first line\nand another', 'A first line'],
    ['<html><head><title>504 Gateway\nTime-out</title></head></html>', '504 Gateway Time-out'],
    ['<html><body><h1>Bad gateway</h1></body></html>', 'Bad gateway'],
  ])('quotes errors of any shape: %j', (body, said) => {
    const text = typeof body === 'string';
    const error = Anthropic.APIError.generate(
      500,
      text ? undefined : body,
      text ? body : undefined,
      new Headers(),
    );
    expect(classifyModelError(error).sentence).toBe(`The model provider failed (500: ${said}).`);
  });

  it('quotes no more than 300 characters, and no half one', () => {
    const message = `${'x'.repeat(299)}😀 and so on`;
    const error = Anthropic.APIError.generate(400, { message }, undefined, new Headers());
    const { sentence } = classifyModelError(error);
    expect(sentence).toContain(`${'x'.repeat(299)}...`);
    expect(sentence.isWellFormed()).toBe(true);
  });

  it('says nothing where nothing was said', () => {
    for (const body of [undefined, {}, { error: null }, { detail: [] }]) {
      const error = Anthropic.APIError.generate(500, body, undefined, new Headers());
      expect(classifyModelError(error).sentence).toBe('The model provider failed (500).');
    }
  });

  it.each([400, 401, 403, 404, 407])('a web page with %i is not about the key', (status) => {
    const page = '<!DOCTYPE html><title>Access denied by the firewall</title>';
    const headers = new Headers({ 'content-type': 'text/html' });
    const failure = classifyModelError(Anthropic.APIError.generate(status, undefined, page, headers));
    expect(failure.kind).toBe('rejected');
    expect(failure.sentence).toContain(`(${status}: Access denied by the firewall)`);
    expect(failure.sentence).not.toContain('API_KEY');
    expect(failure.sentence).toContain('ANTHROPIC_BASE_URL');
  });
});
