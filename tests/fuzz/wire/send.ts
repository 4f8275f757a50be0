import { gzipSync } from 'node:zlib';
import type { FuzzRequest } from '../generate/request.ts';
import { openConnection } from './connection.ts';
import { readAnswers, type WireAnswer } from './read-answers.ts';

/** A server on a busy machine answers within this, or it hangs. */
const ANSWER_DEADLINE_MS = 20_000;
const CHUNK_BYTES = 7_000;

/** The bytes of a request; places are filled already. */
export function bytesOf(request: FuzzRequest, key: string | undefined): Buffer {
  const { method, target, headers, framing, coding } = request;
  const plain = Buffer.from(request.body, coding === 'latin1' ? 'latin1' : 'utf8');
  const body = coding === 'gzip' ? gzipSync(plain) : plain;
  const lines = [`${method} ${target.replace(/[\r\n ]/g, '%20')} HTTP/1.1`];
  if (!headers.some(([name]) => name === 'Host')) lines.push('Host: localhost');
  lines.push('Connection: close');
  if (key !== undefined) lines.push(`X-API-Key: ${key}`);
  if (coding === 'gzip') lines.push('Content-Encoding: gzip');
  lines.push(...headers.map(([name, value]) => `${name}: ${value}`));
  const chunked = framing === 'chunked' && body.length > 0;
  if (chunked) lines.push('Transfer-Encoding: chunked');
  else if (body.length > 0 || method !== 'GET') lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
  return Buffer.concat([head, chunked ? inChunks(body) : body]);
}

function inChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const part = body.subarray(at, at + CHUNK_BYTES);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/**
 * Sends a request over a connection of its own and gives the answer. An event stream counts as answered with its first
 * bytes: it ends with its swarm. So does a WebSocket.
 * @throws Error when nothing comes by the deadline, or something that is no HTTP
 */
export async function send(
  port: number,
  method: string,
  bytes: Buffer,
  from?: string,
): Promise<WireAnswer | 'closed'> {
  const connection = openConnection(port, from);
  connection.socket.write(bytes);
  let answer: WireAnswer | undefined;
  const read = () => {
    answer = readAnswers(connection.received(), [method], connection.over).find(
      ({ status }) => status >= 200 || status === 101,
    );
    return answer !== undefined && (answer.whole || isEndless(answer));
  };
  try {
    const settled = await connection.until(() => read() || connection.over, ANSWER_DEADLINE_MS);
    if (!settled) throw new Error(`HANG: no answer within ${ANSWER_DEADLINE_MS / 1000} s`);
    if (answer === undefined) return 'closed';
    if (!answer.whole && !isEndless(answer)) throw new Error('the answer broke off');
    return answer;
  } finally {
    connection.socket.destroy();
  }
}

function isEndless({ status, headers }: WireAnswer): boolean {
  return status === 101 || (headers['content-type'] ?? '').startsWith('text/event-stream');
}
