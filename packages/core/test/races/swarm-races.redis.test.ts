import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTask } from '../../src/store/add-task.ts';
import { completeTask } from '../../src/store/completions.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { failPlan, storePlan } from '../../src/store/plans.ts';
import {
  createSwarm,
  deleteSwarm,
  getSwarm,
  pauseSwarm,
  resumeSwarm,
  startSwarm,
  stopSwarm,
} from '../../src/store/swarms.ts';
import { reclaimTask } from '../../src/store/tasks.ts';
import {
  DIAMOND,
  graph,
  keysLeft,
  NO_USAGE,
  newSwarm,
  newSwarmRecord,
  plan,
  result,
} from '../ledger-fixture.ts';
import { expectSound } from '../ledger-invariants.ts';
import { specOf } from '../model/specs.ts';
import { type Arena, atWork, openArena, ROUNDS, started } from './contest.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let arena: Arena;
beforeAll(async () => {
  redis = await startTestRedis();
  arena = await openArena(redis.url, redis.prefix);
});
afterAll(async () => {
  arena?.close();
  await redis?.stop();
});

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const stop = { reason: 'stopped', message: 'Enough.' } as const;
const drawing = {
  source: 'template' as const,
  degraded: false,
  summary: 'As the test says',
  tasks: graph(DIAMOND),
};
const added = specOf({
  dependencies: [],
  agentType: 'coder',
  priority: 2,
  onFailure: 'continue',
  maxRetries: 0,
});
/** Keys that a deleted swarm left behind, the global indexes included. */
async function left(ledger: Ledger, swarmId: string): Promise<unknown[]> {
  const { redis: connection, keys } = ledger;
  const indexes = [keys.activeSwarms, keys.ownerSwarms('tester')];
  const scores = await Promise.all(indexes.map((key) => connection.zscore(key, swarmId)));
  return [...(await keysLeft(ledger, swarmId)), ...scores.filter((score) => score !== null)];
}

test('start against plan: the swarm runs, whichever came first', async () => {
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const both = await arena.contest(
      round,
      (ledger) => startSwarm(ledger, swarmId),
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
    );
    expect(both.map((each) => each.ok)).toEqual([true, true]);
    const { swarm, events } = await expectSound(arena.ledger, swarmId);
    expect(swarm.status).toBe('executing');
    expect(swarm.deadlineAt).toBeGreaterThan(swarm.createdAt);
    expect(events.filter(({ type }) => type === 'swarm.started')).toHaveLength(1);
  }
});

test('stop against plan: the swarm is stopped, and none of its tasks is open', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const [planned, stopped] = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      (ledger) => stopSwarm(ledger, swarmId, stop),
    );
    const { swarm, tasks } = await expectSound(arena.ledger, swarmId);
    seen.add(planned.ok);
    expect(stopped.ok).toBe(true);
    if (!planned.ok) expect(planned.code).toBe('swarm_state_conflict');
    expect([swarm.status, tasks.size]).toEqual(['stopped', planned.ok ? 4 : 0]);
  }
  expect(seen.size).toBe(2);
});

test('the end of a plan against the plan of another scheduler: one of the two, and nothing of the other', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const end = { reason: 'model-rejected', message: 'The key is refused.', usage: NO_USAGE } as const;
    const [planned, rejected] = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      (ledger) => failPlan(ledger, swarmId, 'planner', end),
    );
    expect([planned.ok, rejected.ok]).toContain(true);
    expect(planned.ok && rejected.ok).toBe(false);
    const { swarm, tasks } = await expectSound(arena.ledger, swarmId);
    expect([swarm.status, tasks.size]).toEqual(planned.ok ? ['ready', 4] : ['failed', 0]);
    seen.add(swarm.status);
  }
  expect(seen.size).toBe(2);
});

test('resume against stop: stopped in the end', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, DIAMOND);
    await pauseSwarm(arena.ledger, one.swarmId);
    const [resumed, stopped] = await arena.contest(
      round,
      (ledger) => resumeSwarm(ledger, one.swarmId),
      (ledger) => stopSwarm(ledger, one.swarmId, stop),
    );
    seen.add(resumed.ok);
    expect(stopped.ok).toBe(true);
    if (!resumed.ok) expect(resumed.code).toBe('swarm_state_conflict');
    expect((await expectSound(arena.ledger, one.swarmId)).swarm.status).toBe('stopped');
  }
  expect(seen.size).toBe(2);
});

test('pause against the deadline: a paused swarm does not time out, and one that timed out is not paused', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, DIAMOND);
    await arena.ledger.redis.hset(arena.ledger.keys.swarm(one.swarmId, 'meta'), 'deadlineAt', 1);
    const [paused, ended] = await arena.contest(
      round,
      (ledger) => pauseSwarm(ledger, one.swarmId),
      (ledger) => stopSwarm(ledger, one.swarmId, { reason: 'timeout', message: 'Too long.' }),
    );
    const { swarm } = await expectSound(arena.ledger, one.swarmId);
    seen.add(swarm.status);
    expect(ended.ok).toBe(!paused.ok);
    expect(swarm.status).toBe(paused.ok ? 'paused' : 'failed');
  }
  expect(seen.size).toBe(2);
});

test('pause against complete of the last task: the swarm has completed', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] });
    const [paused, done] = await arena.contest(
      round,
      (ledger) => pauseSwarm(ledger, one.swarmId),
      (ledger) => completeTask(ledger, one, result('mine'), {}),
    );
    seen.add(paused.ok);
    expect(done).toMatchObject({ ok: true, value: { swarmStatus: 'completed' } });
    if (!paused.ok) expect(paused.code).toBe('swarm_state_conflict');
    expect((await expectSound(arena.ledger, one.swarmId)).swarm.status).toBe('completed');
  }
  expect(seen.size).toBe(2);
});

test('add-task against stop: cancelled with the others, or refused', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, DIAMOND);
    const [more, stopped] = await arena.contest(
      round,
      (ledger) => addTask(ledger, swarmId, added),
      (ledger) => stopSwarm(ledger, swarmId, stop),
    );
    const { swarm, tasks } = await expectSound(arena.ledger, swarmId);
    seen.add(more.ok);
    expect(stopped.ok).toBe(true);
    if (!more.ok) expect(more.code).toBe('swarm_state_conflict');
    expect(swarm.status).toBe('stopped');
    expect(tasks.get('task_005')?.status).toBe(more.ok ? 'cancelled' : undefined);
  }
  expect(seen.size).toBe(2);
});

test('a swarm created by several at once is one swarm', async () => {
  for (const round of rounds) {
    const record = newSwarmRecord();
    const send = (ledger: Ledger) => createSwarm(ledger, record, 1);
    const all = await arena.contest(round, send, send, send);
    expect(all.filter((each) => each.ok && each.value.created)).toHaveLength(1);
    expect((await expectSound(arena.ledger, record.id)).events).toHaveLength(1);
  }
});

test('delete against start: nothing is left', async () => {
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    if (round % 2 === 0) await plan(arena.ledger, swarmId, graph(DIAMOND));
    const [gone, begun] = await arena.contest(
      round,
      (ledger) => deleteSwarm(ledger, swarmId),
      (ledger) => startSwarm(ledger, swarmId),
    );
    expect(gone.ok).toBe(true);
    if (!begun.ok) expect(['swarm_not_found', 'swarm_state_conflict']).toContain(begun.code);
    expect(await left(arena.ledger, swarmId)).toEqual([]);
  }
});

test('delete against the end of the last task: the swarm is gone, whichever came first', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] });
    const [gone] = await arena.contest(
      round,
      (ledger) => deleteSwarm(ledger, one.swarmId),
      (ledger) => completeTask(ledger, one, result('mine'), {}),
    );
    expect(gone).toEqual({ ok: true, value: undefined });
    expect(await left(arena.ledger, one.swarmId)).toEqual([]);
  }
});

test('several deletes at once: each is content, and nothing is left', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, DIAMOND, 0);
    const remove = (ledger: Ledger) => deleteSwarm(ledger, one.swarmId);
    const all = await arena.contest(round, remove, remove, remove, (ledger) => reclaimTask(ledger, one));
    expect(all.slice(0, 3)).toEqual([1, 2, 3].map(() => ({ ok: true, value: undefined })));
    expect(await left(arena.ledger, one.swarmId)).toEqual([]);
    expect(await getSwarm(arena.ledger, one.swarmId)).toBeUndefined();
  }
});
