import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { WALK_STEP_KEYS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { Cluster } from 'ioredis';
import { type KeyFinding, lookAtKeys, repairKey } from './look-at-keys.ts';

export interface WalkDeps {
  ledger: Ledger;
  metrics: Metrics;
  log: Logger;
}

/**
 * One step of the walk over all keys: finds what no index names any more, and mends it. The place reached is kept in Redis,
 * so that another scheduler goes on there.
 */
export async function walkStep(deps: WalkDeps, count = WALK_STEP_KEYS): Promise<void> {
  const { redis, keys } = deps.ledger;
  // A cursor is one server's: in a Redis Cluster there is no walk; the indexes are what they are.
  if (redis instanceof Cluster) return;
  const cursor = (await redis.get(keys.walkCursor)) ?? '0';
  const { next, findings } = await scanStep(deps.ledger, cursor, count);
  for (const finding of findings) {
    if (!(await repairKey(deps.ledger, finding))) continue;
    const { verdict, swarmId, name } = finding;
    deps.metrics.sweepVerdicts.inc({ verdict });
    deps.log.warn({ event: 'sweep.repaired', verdict, swarmId, name }, `Walk: ${verdict}`);
  }
  await redis.set(keys.walkCursor, next);
}

/** @returns where to go on, `0` at the end */
export async function scanStep(
  ledger: Ledger,
  cursor: string,
  count: number,
): Promise<{ next: string; findings: KeyFinding[] }> {
  const [next, found] = await ledger.redis.scan(cursor, 'MATCH', ledger.keys.anySwarmKey, 'COUNT', count);
  return { next, findings: await lookAtKeys(ledger, found) };
}
