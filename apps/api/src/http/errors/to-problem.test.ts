import { ClaudeFlowError, ERROR_CODES } from '@claude-flow/core/domain/errors';
import { HTTPException } from 'hono/http-exception';
import { expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import { PROBLEMS } from './problem-codes.ts';
import { toProblem } from './to-problem.ts';

const request = { path: '/api/x', requestId: 'r-1' };
const problemOf = (error: unknown) => toProblem(error, request);

test.each(ERROR_CODES)('%s has its status, and tells its own sentence unless it is our mistake', (code) => {
  const { problem, unexpected } = problemOf(new ClaudeFlowError(code, 'A sentence.'));
  expect(problem.status).toBe(PROBLEMS[code].status);
  expect(unexpected).toBe(problem.status === 500);
  if (problem.status !== 500 && code !== 'redis_unavailable') expect(problem.message).toBe('A sentence.');
  else expect(problem.message).not.toContain('A sentence.');
});

test.each([
  new Error('password=hunter2 at /srv/app/secret.ts:1'),
  new TypeError('Cannot read properties of undefined'),
  'a thrown text',
  undefined,
  new HTTPException(418, { message: 'teapot' }),
])('what is not ours is a 500 that tells nothing: %s', (error) => {
  const { problem, unexpected } = problemOf(error);
  expect(unexpected).toBe(true);
  expect(problem).toMatchObject({ status: 500, code: 'internal', requestId: 'r-1', instance: '/api/x' });
  expect(JSON.stringify(problem)).not.toMatch(/hunter2|undefined|teapot|stack/);
});

test.each([
  "Stream isn't writeable and enableOfflineQueue options is false",
  'Connection is closed.',
  'Command timed out',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'LOADING Redis is loading the dataset in memory',
  "OOM command not allowed when used memory > 'maxmemory'.",
  "READONLY You can't write against a read only replica.",
])('Redis away: %s', (message) => {
  const { problem, headers } = problemOf(new Error(message));
  expect(problem).toMatchObject({ status: 503, code: 'redis_unavailable', retryAfter: 1 });
  expect(headers).toEqual({ 'Retry-After': '1' });
});

test('details and headers of a refusal come along', () => {
  const details = [{ field: 'limit', message: 'limit must be a number.' }];
  const { problem, headers } = problemOf(
    new ApiError('method_not_allowed', 'No.', { details, headers: { Allow: 'GET' } }),
  );
  expect(problem).toMatchObject({ type: 'urn:claude-flow:problem:method-not-allowed', details });
  expect(headers).toEqual({ Allow: 'GET' });
});
