import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  claim,
  claimAll,
  eventLines,
  graph,
  keysLeft,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { addTask } from './add-task.ts';
import { assignTask, getAgent, listAgents, spawnAgent, terminateAgent } from './agents.ts';
import { completeTask } from './completions.ts';
import { readEvents } from './events.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { deleteSwarm, getSwarm, pauseSwarm, resumeSwarm, startSwarm, stopSwarm } from './swarms.ts';
import { getTask, listTasks } from './task-reads.ts';
import { dispatchTasks, failTask, heartbeatTask, releaseTask, type TaskClaim } from './tasks.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

async function started(edges: Record<string, string[]>, over: Parameters<typeof graph>[1] = {}, swarm = {}) {
  const swarmId = await newSwarm(ledger, swarm);
  await plan(ledger, swarmId, graph(edges, over));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error('the list is empty');
  return one;
}

const spec = (over: Partial<ReturnType<typeof graph>[number]> = {}) => ({
  ...first(graph({ x: [] })),
  ...over,
});
const status = async (swarmId: string, taskId: string) =>
  (await getTask(ledger, swarmId, taskId))?.state.status;
const complete = (one: TaskClaim) => completeTask(ledger, one, result('x'), {});

describe('pause and resume', () => {
  test('running work is suspended with its journal, queued work waits, and all goes on after the resume', async () => {
    const swarmId = await started({ a: [], b: [], c: [] }, {}, { maxAgents: 2 });
    const { queued } = await dispatchTasks(ledger, swarmId, 10);
    const claimed = await claim(ledger, first(queued));
    if (!claimed.claimed) throw new Error(claimed.why);
    await appendJournal(ledger, claimed.claim, 0, { kind: 'turn.requested', turn: 1, attempt: 1 });
    await pauseSwarm(ledger, swarmId);
    expect(await status(swarmId, 'task_002')).toBe('ready');
    expect(await heartbeatTask(ledger, claimed.claim)).toBe('pause');
    expect(await releaseTask(ledger, claimed.claim, 'The swarm is paused.')).toBe('suspended');
    expect((await dispatchTasks(ledger, swarmId, 10)).queued).toEqual([]);
    expect(await getSwarm(ledger, swarmId)).toMatchObject({
      status: 'paused',
      counts: { ready: 2, suspended: 1 },
    });

    await resumeSwarm(ledger, swarmId);
    const claims = await claimAll(ledger, swarmId);
    expect(claims.map((one) => [one.taskId, one.attempt])).toEqual([
      ['task_001', 2],
      ['task_002', 2],
    ]);
    expect(await readJournal(ledger, swarmId, 'task_001')).toHaveLength(1);
    expect((await getTask(ledger, swarmId, 'task_001'))?.state).toMatchObject({ failures: 0, crashes: 0 });
  });

  test('a job that was on its way when the swarm was paused misses, also after the resume', async () => {
    const swarmId = await started({ a: [] });
    const late = first((await dispatchTasks(ledger, swarmId, 10)).queued);
    await pauseSwarm(ledger, swarmId);
    expect(await claim(ledger, late)).toMatchObject({ claimed: false, why: 'swarm-not-executing' });
    await resumeSwarm(ledger, swarmId);
    expect(await claim(ledger, late)).toMatchObject({ claimed: false, why: 'task-not-queued' });
    await dispatchTasks(ledger, swarmId, 10);
    expect(await claim(ledger, late)).toMatchObject({ claimed: false, why: 'stale-attempt' });
  });

  test('the time it was paused does not count against the deadline, and a paused swarm does not time out', async () => {
    const swarmId = await started({ a: [] });
    const before = (await getSwarm(ledger, swarmId))?.deadlineAt ?? 0;
    await pauseSwarm(ledger, swarmId);
    const meta = ledger.keys.swarm(swarmId, 'meta');
    await ledger.redis.hincrby(meta, 'pausedAt', -60_000);
    await ledger.redis.hset(meta, 'deadlineAt', 1);
    const timeout = stopSwarm(ledger, swarmId, { reason: 'timeout', message: 'm' });
    await expect(timeout).rejects.toMatchObject({ code: 'swarm_state_conflict' });
    await ledger.redis.hset(meta, 'deadlineAt', before);
    await resumeSwarm(ledger, swarmId);
    expect((await getSwarm(ledger, swarmId))?.deadlineAt).toBeGreaterThanOrEqual(before + 60_000);
  });

  test('what ends while the swarm is paused has ended; the last task ends the swarm', async () => {
    const swarmId = await started({ a: [], b: ['a'] });
    const one = first(await claimAll(ledger, swarmId));
    await pauseSwarm(ledger, swarmId);
    await complete(one);
    expect(await status(swarmId, 'task_002')).toBe('ready');
    await resumeSwarm(ledger, swarmId);
    const two = first(await claimAll(ledger, swarmId));
    await pauseSwarm(ledger, swarmId);
    expect((await complete(two)).swarmStatus).toBe('completed');
    await expect(resumeSwarm(ledger, swarmId)).rejects.toMatchObject({ code: 'swarm_state_conflict' });
  });

  test('race: pause against dispatch: no attempt is queued in a paused swarm', async () => {
    for (let round = 0; round < 20; round += 1) {
      const swarmId = await started({ a: [], b: [], c: [] });
      await Promise.all([dispatchTasks(ledger, swarmId, 10), pauseSwarm(ledger, swarmId)]);
      expect((await getSwarm(ledger, swarmId))?.counts).toEqual({ ready: 3 });
    }
  });

  test('race: pause against claim: claimed before, or missed', async () => {
    for (let round = 0; round < 20; round += 1) {
      const swarmId = await started({ a: [] });
      const task = first((await dispatchTasks(ledger, swarmId, 10)).queued);
      const [claimed] = await Promise.all([claim(ledger, task), pauseSwarm(ledger, swarmId)]);
      expect(await status(swarmId, 'task_001')).toBe(claimed.claimed ? 'running' : 'ready');
    }
  });
});

describe('tasks added while running', () => {
  test('with dependencies done, open and none', async () => {
    const swarmId = await started({ a: [], b: ['a'] });
    await complete(first(await claimAll(ledger, swarmId)));
    const free = await addTask(ledger, swarmId, spec({ name: 'Free', dependencies: [] }));
    const late = await addTask(
      ledger,
      swarmId,
      spec({ name: 'Late', dependencies: ['task_001', 'task_002', free] }),
    );
    expect([free, late]).toEqual(['task_003', 'task_004']);
    expect(await status(swarmId, late)).toBe('blocked');
    for (const one of await claimAll(ledger, swarmId)) await complete(one);
    expect((await getSwarm(ledger, swarmId))?.status).toBe('executing');
    const last = first(await claimAll(ledger, swarmId));
    expect(last.taskId).toBe(late);
    expect((await complete(last)).swarmStatus).toBe('completed');
    const views = await listTasks(ledger, swarmId);
    expect(views.map((view) => [view.spec.id, view.spec.sequence, view.spec.dependencies.length])).toEqual([
      ['task_001', 1, 0],
      ['task_002', 2, 1],
      ['task_003', 3, 0],
      ['task_004', 4, 3],
    ]);
  });

  test('an unknown dependency and a failed one are refused, each with its name', async () => {
    const swarmId = await started({ a: [], b: [] }, { maxRetries: 0 });
    const one = first(await claimAll(ledger, swarmId));
    await failTask(ledger, one, { code: 'internal', message: 'x', retryable: false, delayMs: 0 });
    const unknown = addTask(ledger, swarmId, spec({ dependencies: ['task_077'] }));
    await expect(unknown).rejects.toMatchObject({
      code: 'task_not_found',
      message: expect.stringContaining('task_077'),
    });
    const failed = addTask(ledger, swarmId, spec({ dependencies: [one.taskId] }));
    await expect(failed).rejects.toMatchObject({
      code: 'task_state_conflict',
      message: expect.stringContaining('failed'),
    });
    expect(await listTasks(ledger, swarmId)).toHaveLength(2);
  });

  test('the same request key adds one task', async () => {
    const swarmId = await started({ a: [] });
    const ids = await Promise.all(
      [1, 2, 3].map(() => addTask(ledger, swarmId, spec({ dependencies: [] }), 'key-1')),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await listTasks(ledger, swarmId)).toHaveLength(2);
  });

  test('race: add-task against the last completion: the swarm goes on with the task, or refuses it', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const swarmId = await started({ a: [] });
      const last = first(await claimAll(ledger, swarmId));
      const add = () => addTask(ledger, swarmId, spec({ dependencies: [] }));
      const [added] = await Promise.allSettled(
        round % 2 === 0 ? [add(), complete(last)] : [complete(last).then(add)],
      );
      const swarm = await getSwarm(ledger, swarmId);
      seen.add(added.status);
      expect(swarm?.status).toBe(added.status === 'fulfilled' ? 'executing' : 'completed');
      expect(await listTasks(ledger, swarmId)).toHaveLength(added.status === 'fulfilled' ? 2 : 1);
    }
    expect(seen).toEqual(new Set(['fulfilled', 'rejected']));
  });
});

describe('agents by command', () => {
  test('names and capabilities of any text are kept as they are, also of one that is terminated', async () => {
    const swarmId = await started({ a: [] });
    const name = 'a|b "c" \\u007c %1 ü';
    const capabilities = { 'x|y': ['|', '%1', '"'] };
    const agent = await spawnAgent(ledger, swarmId, { type: 'coder', name, capabilities });
    const seen = async () => (await listAgents(ledger, swarmId)).find(({ id }) => id === agent.id);
    for (const status of ['idle', 'terminated']) {
      const one = await seen();
      expect(one).toMatchObject({ name, status, instance: 1 });
      expect(JSON.parse(one?.capabilities ?? '')).toEqual(capabilities);
      await terminateAgent(ledger, swarmId, agent.id);
    }
    const [spawned] = (await readEvents(ledger, swarmId, 0, 100)).filter(
      ({ type }) => type === 'agent.spawned',
    );
    expect(spawned?.data).toEqual({ agentType: 'coder', name });
  });

  test('what dispatch reads of its agents does not grow with their capabilities', async () => {
    const poolOf = (swarmId: string) => ledger.redis.hgetall(ledger.keys.swarm(swarmId, 'pool'));
    const large = { notes: 'x'.repeat(4_000) };
    const [plain, full] = [await started({ a: [] }), await started({ a: [] })];
    for (const type of ['coder', 'tester', 'reviewer'] as const) {
      await spawnAgent(ledger, plain, { type });
      await spawnAgent(ledger, full, { type, capabilities: large });
    }
    const bytes = async (swarmId: string) => Object.values(await poolOf(swarmId)).join('').length;
    expect(await bytes(full)).toBe(await bytes(plain));
    const shown = await listAgents(ledger, full);
    expect(shown.map(({ capabilities }) => capabilities)).toEqual(shown.map(() => JSON.stringify(large)));
  });

  test('capabilities that an earlier release kept in the text of an agent are read, and leave it with the next dispatch', async () => {
    const swarmId = await started({ a: [] });
    const pool = ledger.keys.swarm(swarmId, 'pool');
    const { id } = await spawnAgent(ledger, swarmId, { type: 'coder', name: 'from before' });
    const text = (await ledger.redis.hget(pool, id)) ?? '';
    const capabilities = JSON.stringify({ notes: 'x'.repeat(100_000) });
    await ledger.redis.hset(pool, id, text + capabilities);
    expect(await getAgent(ledger, swarmId, id)).toMatchObject({ name: 'from before', capabilities });
    await dispatchTasks(ledger, swarmId, 100);
    expect((await ledger.redis.hget(pool, id))?.length).toBeLessThan(200);
    expect(await getAgent(ledger, swarmId, id)).toMatchObject({ name: 'from before', capabilities });
    await terminateAgent(ledger, swarmId, id);
    expect(await getAgent(ledger, swarmId, id)).toMatchObject({ status: 'terminated', capabilities });
  });

  test('spawned up to maxAgents, with what the caller said of them', async () => {
    const swarmId = await started({ a: [] }, {}, { maxAgents: 2 });
    const capabilities = { languages: ['typescript'], none: [] };
    const agent = await spawnAgent(ledger, swarmId, {
      type: 'coder',
      name: 'backend-developer',
      capabilities,
    });
    expect(agent).toMatchObject({ id: 'agent_001', name: 'backend-developer', status: 'idle' });
    expect(JSON.parse(agent.capabilities ?? '')).toEqual(capabilities);
    expect(await getAgent(ledger, swarmId, agent.id)).toEqual(agent);
    const more = await Promise.allSettled(
      [1, 2, 3].map(() => spawnAgent(ledger, swarmId, { type: 'tester' })),
    );
    expect(more.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    const full = spawnAgent(ledger, swarmId, { type: 'tester' });
    await expect(full).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('2 agents'),
    });
  });

  test('a terminated agent’s task is handed back, and whoever worked on it is fenced', async () => {
    const swarmId = await started({ a: [] });
    const one = first(await claimAll(ledger, swarmId));
    const agent = first(await listAgents(ledger, swarmId));
    await terminateAgent(ledger, swarmId, agent.id);
    await terminateAgent(ledger, swarmId, agent.id);
    expect(await heartbeatTask(ledger, one)).toBe('fenced');
    await expect(complete(one)).rejects.toMatchObject({ code: 'fenced' });
    const next = first(await claimAll(ledger, swarmId));
    expect(next.attempt).toBe(2);
    await complete(next);
    expect((await listAgents(ledger, swarmId)).map((each) => each.tasksCompleted)).toEqual([0, 1]);
    const lines = await eventLines(ledger, swarmId);
    expect(lines.filter((line) => line === 'agent.terminated')).toHaveLength(2);
  });

  test('an agent terminated in a paused swarm leaves its task suspended, and the events say so', async () => {
    const swarmId = await started({ a: [] });
    const one = first(await claimAll(ledger, swarmId));
    await pauseSwarm(ledger, swarmId);
    await terminateAgent(ledger, swarmId, first(await listAgents(ledger, swarmId)).id);
    expect(await status(swarmId, one.taskId)).toBe('suspended');
    const lines = await eventLines(ledger, swarmId);
    expect(lines.slice(-2)).toEqual([`task.suspended ${one.taskId}`, 'agent.terminated']);
  });

  test('an assigned task waits for its agent while others go ahead, whatever the agent’s type', async () => {
    const swarmId = await started({ a: [], b: [], c: [] }, {}, { maxAgents: 3 });
    const agent = await spawnAgent(ledger, swarmId, { type: 'reviewer' });
    await assignTask(ledger, swarmId, 'task_001', agent.id);
    await assignTask(ledger, swarmId, 'task_002', agent.id);
    const claims = await claimAll(ledger, swarmId);
    expect(claims.map((one) => one.taskId)).toEqual(['task_001', 'task_003']);
    expect((await getTask(ledger, swarmId, 'task_001'))?.state.agentId).toBe(agent.id);
    expect((await dispatchTasks(ledger, swarmId, 10)).queued).toEqual([]);
    await complete(first(claims));
    const second = first(await claimAll(ledger, swarmId));
    expect((await getTask(ledger, swarmId, second.taskId))?.state.agentId).toBe(agent.id);
  });

  test('an assigned agent that is terminated no longer holds the task up', async () => {
    const swarmId = await started({ a: [] });
    const agent = await spawnAgent(ledger, swarmId, { type: 'reviewer' });
    await assignTask(ledger, swarmId, 'task_001', agent.id);
    await terminateAgent(ledger, swarmId, agent.id);
    const one = first(await claimAll(ledger, swarmId));
    expect((await getTask(ledger, swarmId, one.taskId))?.state.agentId).toBe('agent_002');
    await expect(assignTask(ledger, swarmId, 'task_001', 'agent_001')).rejects.toMatchObject({
      code: 'agent_not_found',
    });
    await expect(assignTask(ledger, swarmId, 'task_009', 'agent_002')).rejects.toMatchObject({
      code: 'task_not_found',
    });
  });

  test('a queued task that is assigned elsewhere is dispatched anew; its old job misses', async () => {
    const swarmId = await started({ a: [] });
    const old = first((await dispatchTasks(ledger, swarmId, 10)).queued);
    const agent = await spawnAgent(ledger, swarmId, { type: 'tester' });
    expect(await assignTask(ledger, swarmId, 'task_001', agent.id)).toEqual({ changed: true });
    expect(await claim(ledger, old)).toMatchObject({ claimed: false });
    const one = first(await claimAll(ledger, swarmId));
    expect(one.attempt).toBe(2);
    expect(await assignTask(ledger, swarmId, 'task_001', agent.id)).toEqual({ changed: false });
  });
});

describe('delete', () => {
  test('nothing is left of a swarm in the middle of its work, and what still works on it is turned away', async () => {
    const swarmId = await started({ a: [], b: ['a'] });
    const one = first(await claimAll(ledger, swarmId));
    await appendJournal(ledger, one, 0, { kind: 'turn.requested', turn: 1, attempt: 1 });
    await deleteSwarm(ledger, swarmId);
    await deleteSwarm(ledger, swarmId);
    expect(await heartbeatTask(ledger, one)).toBe('cancel');
    await expect(complete(one)).rejects.toMatchObject({ code: 'swarm_not_found' });
    const entry = { kind: 'turn.requested', turn: 2, attempt: 1 } as const;
    await expect(appendJournal(ledger, one, 1, entry)).rejects.toMatchObject({ code: 'swarm_not_found' });
    expect(await keysLeft(ledger, swarmId)).toEqual([]);
    expect(await ledger.redis.zscore(ledger.keys.activeSwarms, swarmId)).toBeNull();
    expect(await ledger.redis.zscore(ledger.keys.ownerSwarms('tester'), swarmId)).toBeNull();
  });

  test('race: delete against complete leaves no key behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      const swarmId = await started({ a: [], b: ['a'] });
      const one = first(await claimAll(ledger, swarmId));
      await Promise.allSettled([
        deleteSwarm(ledger, swarmId),
        complete(one),
        dispatchTasks(ledger, swarmId, 10),
      ]);
      await deleteSwarm(ledger, swarmId);
      expect(await keysLeft(ledger, swarmId)).toEqual([]);
    }
  });
});
