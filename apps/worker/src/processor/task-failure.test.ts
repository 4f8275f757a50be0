import Anthropic from '@anthropic-ai/sdk';
import { ClaudeFlowError, ERROR_CODES } from '@claude-flow/core/domain/errors';
import { describe, expect, it } from 'vitest';
import { toTaskFailure } from './task-failure.ts';

describe('toTaskFailure', () => {
  it('tries again exactly what another attempt can cure', () => {
    const cured = ERROR_CODES.filter((code) => toTaskFailure(new ClaudeFlowError(code, 'm'), 0, 0).retryable);
    expect(cured).toEqual([
      'redis_unavailable',
      'model_unavailable',
      'task_timeout',
      'worker_lost',
      'internal',
    ]);
  });

  it('keeps sentences, and wraps what is no sentence', () => {
    expect(toTaskFailure(new ClaudeFlowError('model_refused', 'The model declined.'), 0, 0).message).toBe(
      'The model declined.',
    );
    expect(toTaskFailure(new TypeError('x is undefined'), 0, 0)).toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/error of its own.*x is undefined/),
    });
  });

  it('waits longer with each failure, and as long as the provider asks', () => {
    const failure = new ClaudeFlowError('model_unavailable', 'm', { retryable: true });
    expect(toTaskFailure(failure, 0, 1).delayMs).toBe(1_000);
    expect(toTaskFailure(failure, 2, 1).delayMs).toBe(4_000);
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'm' } };
    const cause = Anthropic.APIError.generate(429, body, undefined, new Headers({ 'retry-after': '600' }));
    expect(toTaskFailure(new ClaudeFlowError('model_unavailable', 'm', { cause }), 0, 1).delayMs).toBe(
      600_000,
    );
  });
});
