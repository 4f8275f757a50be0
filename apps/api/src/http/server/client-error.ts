import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '../errors/api-error.ts';
import { type ApiErrorCode, PROBLEMS } from '../errors/problem-codes.ts';
import { type Problem, type ProblemAnswer, toProblem } from '../errors/to-problem.ts';

export interface Refusal {
  code: ApiErrorCode;
  message: string;
}

const REFUSALS: Record<string, Refusal> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: 'request_timeout',
    message: 'The request was not complete in time. Send it in one go.',
  },
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', message: 'The headers of the request are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { code: 'body_too_large', message: 'The chunk extensions are too large.' },
};
/** No resource of ours: the server as a whole (RFC 9110, 7.1). */
const WHOLE_SERVER = '*';
const NO_HTTP: Refusal = {
  code: 'malformed_request',
  message: 'This is not HTTP as the server understands it.',
};

/** Answers what never became a request: no HTTP, no WebSocket, too many headers, too slow. Then the connection ends. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || answering(socket)) {
    socket.destroy();
    return;
  }
  refuseConnection(socket, REFUSALS[error.code ?? ''] ?? NO_HTTP);
}

/** Answers what is on its way to be a WebSocket and cannot be one. */
export function answerSocketError(error: Error, socket: Duplex): void {
  refuseConnection(socket, {
    code: 'malformed_request',
    message: `No WebSocket can be opened so: ${error.message}.`,
  });
}

function refuseConnection(socket: Duplex, refusal: Refusal): void {
  const { status } = PROBLEMS[refusal.code];
  const body = JSON.stringify(problemOf(refusal));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** The problem document for what no route has seen. */
export function problemOf({ code, message }: Refusal): Problem {
  return outsideRoutes(new ApiError(code, message)).problem;
}

export function outsideRoutes(error: unknown): ProblemAnswer {
  return toProblem(error, { path: WHOLE_SERVER, requestId: randomUUID() });
}

/** Is an answer to an earlier request on its way, into which nothing must be written? */
function answering(socket: object): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'headersSent') === true;
}
