import { setTimeout as sleep } from 'node:timers/promises';
import { isSwarmId } from '@claude-flow/core/domain/ids';
import { absenceCounts } from '@claude-flow/core/domain/stale';
import { RECONNECT_GRACE_MS } from '@claude-flow/core/runtime/tunables';
import { listAgents } from '@claude-flow/core/store/agents';
import { listWorkers } from '@claude-flow/core/store/workers';
import { forEachAtMost } from '../loops/sweep/at-most.ts';
import { gatherEvidence } from '../loops/sweep/gather-evidence.ts';
import { judgeSwarm } from '../loops/sweep/judge-swarm.ts';
import type { SweepDeps } from '../loops/sweep/sweep.ts';
import { scanStep } from '../loops/walk/walk-keys.ts';
import { readConnections } from '../loops/watch/connections.ts';
import { type Found, identity } from './found.ts';

/** Between two looks: a scheduler that runs has swept once, and mended what is no fault but daily work. */
export const CONFIRM_AFTER_MS = 2_500;
const SWARMS_AT_ONCE = 16;
const KEYS_AT_ONCE = 500;

export interface ExamineOptions {
  confirmAfterMs?: number;
  reconnectGraceMs?: number;
}

/** What is wrong and stays wrong: found by two looks, some time apart. Changes nothing. */
export async function examine(deps: SweepDeps, options: ExamineOptions = {}): Promise<Found[]> {
  const first = await look(deps, options);
  if (first.length === 0) return [];
  await sleep(options.confirmAfterMs ?? CONFIRM_AFTER_MS);
  const seenBefore = new Map(first.map((found) => [identity(found), found]));
  const second = await look(deps, options);
  // The older moment counts for a worker: what was renewed since then is respected.
  return second.flatMap((found) => {
    const before = seenBefore.get(identity(found));
    if (before === undefined) return [];
    return [found.kind === 'worker' ? before : found];
  });
}

async function look(deps: SweepDeps, options: ExamineOptions): Promise<Found[]> {
  const found = [await workers(deps, options), await swarms(deps), await keys(deps)];
  return found.flat();
}

async function workers({ ledger }: SweepDeps, options: ExamineOptions): Promise<Found[]> {
  const connections = await readConnections(ledger.redis);
  const graceMs = options.reconnectGraceMs ?? RECONNECT_GRACE_MS;
  if ('reason' in connections || !absenceCounts(connections, graceMs)) return [];
  return (await listWorkers(ledger))
    .filter(({ workerId }) => !connections.workers.has(workerId))
    .map(({ workerId }) => ({ kind: 'worker', workerId, missedAt: connections.now }));
}

async function swarms(deps: SweepDeps): Promise<Found[]> {
  const { redis, keys } = deps.ledger;
  const found: Found[] = [];
  let cursor = '0';
  do {
    const [next, entries] = await redis.zscan(keys.activeSwarms, cursor, 'COUNT', 200);
    cursor = next;
    const ids = entries.filter((entry, index) => index % 2 === 0 && isSwarmId(entry));
    await forEachAtMost(ids, SWARMS_AT_ONCE, async (swarmId) => {
      found.push(...(await lookAtSwarm(deps, swarmId)));
    });
  } while (cursor !== '0');
  return found;
}

async function lookAtSwarm(deps: SweepDeps, swarmId: string): Promise<Found[]> {
  const evidence = await gatherEvidence(deps, swarmId);
  const { now } = evidence.observed;
  const found: Found[] = judgeSwarm(evidence).map((finding) => ({ kind: 'swarm', swarmId, finding, now }));
  const waiting = found.some((one) => one.kind === 'swarm' && one.finding.verdict === 'never-queued');
  if (!waiting || !(await agentsAtWork(deps, swarmId))) return found;
  // Ready tasks that wait for an agent are no fault.
  return found.filter((one) => one.kind !== 'swarm' || one.finding.verdict !== 'never-queued');
}

async function agentsAtWork({ ledger }: SweepDeps, swarmId: string): Promise<boolean> {
  return (await listAgents(ledger, swarmId)).some(({ status }) => status === 'busy');
}

async function keys({ ledger }: SweepDeps): Promise<Found[]> {
  const found = new Map<string, Found>();
  let cursor = '0';
  do {
    const { next, findings } = await scanStep(ledger, cursor, KEYS_AT_ONCE);
    cursor = next;
    for (const finding of findings) {
      const one: Found = { kind: 'key', finding };
      if (!found.has(identity(one))) found.set(identity(one), one);
    }
  } while (cursor !== '0');
  return [...found.values()];
}
