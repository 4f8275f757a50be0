import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { REDIS_ANSWER_MS, REDIS_READY_DEADLINE_MS, REDIS_READY_EVERY_MS } from '../tunables.ts';
import { askRedisInfo } from './ask-redis.ts';

/**
 * After a power loss Redis (7.0 at least) cuts the torn command off its append-only file, but leaves the MULTI before it open:
 * what is written later falls into that transaction at the next start, and is lost or doubled. A file written anew has no such
 * end. Resolves when it is written, or at once when Redis had to cut nothing off. @param log what Redis said while it loaded
 */
export async function healTornLog(port: number, log: string): Promise<void> {
  if (!/truncat/i.test(log)) return;
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    socket.setTimeout(REDIS_ANSWER_MS, () => socket.destroy(new Error('Redis did not answer BGREWRITEAOF.')));
    socket.write('BGREWRITEAOF\r\n');
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
  const deadline = Date.now() + REDIS_READY_DEADLINE_MS;
  while (Date.now() < deadline) {
    const info = await askRedisInfo(port);
    const waiting = [info.get('aof_rewrite_in_progress'), info.get('aof_rewrite_scheduled')];
    if (waiting.every((value) => value === '0') && info.get('aof_last_bgrewrite_status') === 'ok') return;
    await delay(REDIS_READY_EVERY_MS);
  }
  throw new Error('Redis could not write its append-only file anew after a power loss: look at its log.');
}
