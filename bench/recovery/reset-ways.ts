import { setTimeout as delay } from 'node:timers/promises';
import type { RedisProxy } from '@claude-flow/testing/redis-proxy';

/** Before the reset so much is executed, at most, of which nobody hears. */
const UNHEARD_MS = 100;
/** For so long, at most, there is no new connection. */
const RESET_MS = 500;

/** What is on its way back is lost, then the connections are reset, and for a moment there are no new ones. */
export async function resetWays(ways: readonly RedisProxy[]): Promise<void> {
  for (const way of ways) way.withholdReplies(true);
  await delay(Math.random() * UNHEARD_MS);
  for (const way of ways) way.mode('reset');
  await delay(Math.random() * RESET_MS);
  for (const way of ways) {
    way.withholdReplies(false);
    way.mode('pass');
  }
}
