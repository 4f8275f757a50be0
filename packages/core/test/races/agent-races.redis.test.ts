import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assignTask, spawnAgent, terminateAgent } from '../../src/store/agents.ts';
import { completeTask } from '../../src/store/completions.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { dispatchTasks } from '../../src/store/tasks.ts';
import { claimAll, result } from '../ledger-fixture.ts';
import { expectSound } from '../ledger-invariants.ts';
import { type Arena, openArena, ROUNDS, started } from './contest.ts';

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
const six = { a: [], b: [], c: [], d: [], e: [], f: [] };

test('two dispatchers: no attempt is queued twice, and no more agents than there may be', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, six, { maxAgents: 4, parallel: round % 5 !== 4 });
    const dispatch = (ledger: Ledger) => dispatchTasks(ledger, swarmId, (round % 3) + 1);
    const all = await arena.contest(round, dispatch, dispatch, dispatch);
    const queued = all.flatMap((each) => (each.ok ? each.value.queued : []));
    const ids = queued.map((task) => task.taskId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(round % 5 === 4 ? 1 : Math.min(4, 3 * ((round % 3) + 1)));
    const { tasks, pool } = await expectSound(arena.ledger, swarmId);
    expect(pool.size).toBe(ids.length);
    expect(ids.map((id) => tasks.get(id)?.attempt)).toEqual(ids.map(() => 1));
  }
});

test('dispatchers against completions: the swarm runs through, each task once', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { ...six, g: ['a', 'b', 'c'], h: ['g'] }, { maxAgents: 3 });
    for (let turn = 0; turn < 20; turn += 1) {
      const claims = await claimAll(arena.ledger, swarmId);
      if (claims.length === 0) break;
      const [one, two = one] = claims;
      if (one === undefined || two === undefined) throw new Error('no claim');
      for (const other of claims.slice(2)) await completeTask(arena.ledger, other, result('x'), {});
      const [, , queued] = await arena.contest(
        round,
        (ledger) => completeTask(ledger, one, result('x'), {}),
        (ledger) => completeTask(ledger, two, result('x'), {}),
        (ledger) => dispatchTasks(ledger, swarmId, 9),
      );
      await expectSound(arena.ledger, swarmId);
      // What this dispatch queued has no job here: its agents are ended, and the work goes back.
      for (const task of queued.ok ? queued.value.queued : []) {
        const { tasks } = await expectSound(arena.ledger, swarmId);
        await terminateAgent(arena.ledger, swarmId, tasks.get(task.taskId)?.agentId ?? '');
      }
    }
    const { swarm, results } = await expectSound(arena.ledger, swarmId);
    expect([swarm.status, results.size]).toEqual(['completed', 8]);
  }
});

test('dispatch against terminate-agent: a task is never left with an agent that is gone', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], b: [] }, { maxAgents: 2 });
    const { id } = await spawnAgent(arena.ledger, swarmId, { type: 'coder' });
    const [queued, ended] = await arena.contest(
      round,
      (ledger) => dispatchTasks(ledger, swarmId, 9),
      (ledger) => terminateAgent(ledger, swarmId, id),
    );
    const { agents } = await expectSound(arena.ledger, swarmId);
    expect(queued.ok && ended.ok).toBe(true);
    expect(agents.get(id)?.status).toBe('terminated');
    const again = (await dispatchTasks(arena.ledger, swarmId, 9)).queued.length;
    const { queued: now } = await expectSound(arena.ledger, swarmId);
    expect([now.size, again <= 1]).toEqual([2, true]);
  }
});

test('assign against dispatch: the task is its agent’s, at once or after the next dispatch', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], b: [] }, { maxAgents: 3 });
    const { id } = await spawnAgent(arena.ledger, swarmId, { type: 'reviewer' });
    const [assigned] = await arena.contest(
      round,
      (ledger) => assignTask(ledger, swarmId, 'task_001', id),
      (ledger) => dispatchTasks(ledger, swarmId, 9),
    );
    expect(assigned).toEqual({ ok: true, value: { changed: true } });
    await expectSound(arena.ledger, swarmId);
    await dispatchTasks(arena.ledger, swarmId, 9);
    const { tasks } = await expectSound(arena.ledger, swarmId);
    expect(tasks.get('task_001')).toMatchObject({ status: 'queued', agentId: id });
    expect(tasks.get('task_002')?.status).toBe('queued');
  }
});

test('assign against claim: whoever was first; a running task is not moved', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [] }, { maxAgents: 3 });
    const { id } = await spawnAgent(arena.ledger, swarmId, { type: 'reviewer' });
    const [assigned] = await arena.contest(
      round,
      (ledger) => assignTask(ledger, swarmId, 'task_001', id),
      (ledger) => claimAll(ledger, swarmId).catch(() => []),
    );
    const { tasks } = await expectSound(arena.ledger, swarmId);
    seen.add(assigned.ok);
    const task = tasks.get('task_001');
    if (!assigned.ok) {
      expect(assigned.code).toBe('task_state_conflict');
      expect([task?.status, task?.agentId === id]).toEqual(['running', false]);
    } else expect(task?.status === 'running' ? task.agentId : id).toBe(id);
  }
  expect(seen.size).toBe(2);
});

test('spawn against dispatch at the limit: never more agents than maxAgents', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], b: [] }, { maxAgents: 2 });
    const [spawned, queued] = await arena.contest(
      round,
      (ledger) => spawnAgent(ledger, swarmId, { type: 'tester' }),
      (ledger) => dispatchTasks(ledger, swarmId, 9),
    );
    const { pool } = await expectSound(arena.ledger, swarmId);
    expect(pool.size).toBe(2);
    // An idle tester made room for a coder, or found no room itself.
    expect(queued.ok && queued.value.queued.length).toBe(2);
    if (!spawned.ok) expect(spawned.code).toBe('limit_exceeded');
  }
});
