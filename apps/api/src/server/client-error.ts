import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEMS, type ProblemCode } from '../errors/problem-codes.ts';

interface Refusal {
  code: ProblemCode;
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
const NO_HTTP: Refusal = {
  code: 'malformed_request',
  message: 'This is not HTTP as the server understands it.',
};

/** Answers what never became a request: no HTTP, too many headers, too slow. Then the connection ends. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || answering(socket)) {
    socket.destroy();
    return;
  }
  const { code, message } = REFUSALS[error.code ?? ''] ?? NO_HTTP;
  const { status, title } = PROBLEMS[code];
  const type = `urn:claude-flow:problem:${code.replaceAll('_', '-')}`;
  const body = JSON.stringify({ type, title, status, detail: message, code, error: title, message });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** Is an answer to an earlier request on its way, into which nothing must be written? */
function answering(socket: object): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'headersSent') === true;
}
