import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { RequestError } from '@hono/node-server';
import { ApiError } from '../errors/api-error.ts';
import { PROBLEMS } from '../errors/problem-codes.ts';
import { outsideRoutes, problemOf, type Refusal } from './client-error.ts';

const UNUSABLE_ADDRESS: Refusal = {
  code: 'malformed_request',
  message: 'The Host header and the path are no address. Send a valid Host and escape the path.',
};
const UNKNOWN_EXPECTATION: Refusal = {
  code: 'expectation_failed',
  message: 'The only expectation that is met is 100-continue.',
};
const HEADERS = {
  'Content-Type': 'application/problem+json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

/** Answers a request whose address cannot be read. Any other error here is a mistake of ours: routes catch their own. */
export function answerUnroutable(error: unknown, log: Logger): Response {
  const { code, message } = UNUSABLE_ADDRESS;
  const { problem, unexpected } = outsideRoutes(
    error instanceof RequestError ? new ApiError(code, message) : error,
  );
  if (unexpected)
    log.error({ err: error, requestId: problem.requestId }, 'A request failed outside the routes');
  return new Response(JSON.stringify(problem), { status: problem.status, headers: HEADERS });
}

/** Answers `Expect` with anything but 100-continue. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify(problemOf(UNKNOWN_EXPECTATION));
  const length = { 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  response.writeHead(PROBLEMS[UNKNOWN_EXPECTATION.code].status, { ...HEADERS, ...length });
  response.end(body);
}
