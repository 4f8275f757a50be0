import type { Context } from 'hono';
import type { AppEnv } from '../http/app-env.ts';

/** One request pays for so many records, and so many bytes; each further portion costs another read. */
const RECORDS = 100;
const BYTES = 256 * 1024;

/**
 * Counts what an answer holds beyond what its request has paid for, against the caller's `RATE_LIMIT_READS`. It never refuses
 * this answer: the next request finds less left. While Redis cannot count, nothing is counted.
 */
export async function payForRead(
  c: Context<AppEnv>,
  { records = 0, bytes = 0 }: { records?: number; bytes?: number },
): Promise<void> {
  const cost = Math.floor(records / RECORDS) + Math.floor(bytes / BYTES);
  if (cost > 0)
    await c
      .get('spendReads')?.(cost)
      .catch(() => undefined);
}

/** Counts an answer that is written as it is read, a portion at a time. */
export async function* paid(c: Context<AppEnv>, text: AsyncGenerator<string>): AsyncGenerator<string> {
  let unpaid = 0;
  for await (const part of text) {
    unpaid += part.length;
    if (unpaid >= BYTES) {
      await payForRead(c, { bytes: unpaid });
      unpaid %= BYTES;
    }
    yield part;
  }
}
