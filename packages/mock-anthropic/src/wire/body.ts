import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './errors.ts';

/** The real API's limit for one request. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Beyond this the client is not read to its end any more. */
const MAX_DRAINED_BYTES = 8 * MAX_BODY_BYTES;

/** An escape of half a character without its other half. A backslash that is itself escaped begins none. */
const HALF_PAIR =
  /(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})/;

/**
 * Reads a request's JSON body. One that is too large is read to its end all the same: a client still sending would
 * not see the answer.
 * @throws ApiError 413 above 32 MB, 400 when it is not JSON
 */
export const readJson = async (incoming: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_DRAINED_BYTES) break;
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
    else chunks.length = 0;
  }
  if (size > MAX_BODY_BYTES) throw new ApiError(413);
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    const body: unknown = JSON.parse(text);
    if (HALF_PAIR.test(text)) throw new SyntaxError('half a surrogate pair');
    return body;
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
};
