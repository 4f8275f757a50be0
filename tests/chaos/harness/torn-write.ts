import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createRespRequestParser } from '@claude-flow/testing/resp-requests';

/** The file that Redis appends to at the moment. */
export async function appendOnlyFile({ dataDir }: PrivateRedis): Promise<string> {
  const folder = join(dataDir, 'appendonlydir');
  const number = (name: string) => Number(/(\d+)\.incr\.aof$/.exec(name)?.[1]);
  const [newest] = (await readdir(folder))
    .filter((name) => name.endsWith('.incr.aof'))
    .sort((a, b) => number(b) - number(a));
  if (newest === undefined) throw new Error(`There is no append-only file in ${folder}.`);
  return join(folder, newest);
}

export const sizeOf = async (path: string): Promise<number> => (await stat(path)).size;

/**
 * Cuts the file in the middle of a command written after `from`, as a power loss in the middle of a write does.
 * @param share where between the first and the last of those commands, 0 to 1 @returns the bytes cut off
 */
export async function tearAfter(path: string, from: number, share: number): Promise<number> {
  const size = await sizeOf(path);
  const handle = await open(path, 'r');
  const tail = Buffer.alloc(size - from);
  await handle.read(tail, 0, tail.length, from);
  await handle.close();
  const ends = createRespRequestParser()
    .push(tail)
    .map((command) => command.end);
  const begins = [0, ...ends.slice(0, -1)];
  const which = Math.min(begins.length - 1, Math.floor(share * begins.length));
  const [begin, end] = [begins[which], ends[which]];
  if (begin === undefined || end === undefined) throw new Error('Nothing whole was written to be torn.');
  const at = from + begin + Math.max(1, Math.floor((end - begin) / 2));
  await truncate(path, at);
  return size - at;
}
