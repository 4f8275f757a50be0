import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './errors.ts';

/** The real API's limit for one request. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Beyond this the client is not read to its end any more. */
const MAX_DRAINED_BYTES = 8 * MAX_BODY_BYTES;

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
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
};
