import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planToTasks, withSynthesis } from '../../src/domain/plan-to-tasks.ts';
import { addTask } from '../../src/store/add-task.ts';
import { assignTask, spawnAgent } from '../../src/store/agents.ts';
import { completeTask } from '../../src/store/completions.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { storePlan } from '../../src/store/plans.ts';
import { getSwarm, startSwarm, stopSwarm } from '../../src/store/swarms.ts';
import { cancelTask } from '../../src/store/task-control.ts';
import { claimAll, newSwarm, result } from '../ledger-fixture.ts';
import { expectSound } from '../ledger-invariants.ts';
import { specOf } from '../model/specs.ts';
import { type Arena, openArena, ROUNDS } from './contest.ts';

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
const node = (key: string, dependsOn: string[] = []) => ({
  key,
  name: `Task ${key}`,
  description: `Do ${key}`,
  type: 'custom' as const,
  agentType: 'coder' as const,
  priority: 'normal' as const,
  dependsOn,
});
const all = planToTasks(withSynthesis([node('a'), node('b', ['a'])]), { timeoutMs: 60_000, maxRetries: 0 });
const closing = all.at(-1);
const drawing = {
  source: 'template' as const,
  degraded: false,
  summary: 'As the test says',
  tasks: all,
  ...(closing === undefined ? {} : { closing }),
};
const own = (dependencies: string[] = []) =>
  specOf({ dependencies, agentType: 'coder', priority: 2, onFailure: 'skip-dependents', maxRetries: 0 });

/** Starts the swarm if need be and does all that is to be done. @returns ids in the order in which they were claimed */
async function workOff(ledger: Ledger, swarmId: string): Promise<string[]> {
  await startSwarm(ledger, swarmId).catch(() => undefined);
  const done: string[] = [];
  for (
    let claims = await claimAll(ledger, swarmId);
    claims.length > 0;
    claims = await claimAll(ledger, swarmId)
  ) {
    for (const one of claims) {
      done.push(one.taskId);
      await completeTask(ledger, one, result(one.taskId), {});
    }
  }
  return done;
}

test('add-task against store-plan: the task is there once, its id is its own, and everything is done', async () => {
  const ids = new Set<string>();
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const [planned, added] = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      (ledger) => addTask(ledger, swarmId, own()),
    );
    expect(planned).toEqual({ ok: true, value: 'ready' });
    const taskId = added.ok ? added.value : added.code;
    ids.add(taskId);
    const { specs } = await expectSound(arena.ledger, swarmId);
    expect([...specs.keys()].sort()).toEqual(['task_001', 'task_002', 'task_003', 'task_004']);
    expect(specs.get(taskId)?.name).toBe('A drawn task');
    const synthesis = [...specs.values()].find(({ key }) => key === 'synthesis');
    expect(synthesis?.dependencies.includes(taskId)).toBe(taskId === 'task_001');
    const order = await workOff(arena.ledger, swarmId);
    expect(order.toSorted()).toEqual([...specs.keys()].sort());
    if (taskId === 'task_001') expect(order.at(-1)).toBe(synthesis?.id);
    expect((await expectSound(arena.ledger, swarmId)).swarm.status).toBe('completed');
  }
  expect([...ids].sort()).toEqual(['task_001', 'task_004']);
});

test('create, add, add, start, whenever the plan comes: one swarm of all of them', async () => {
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const [, caller] = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      async (ledger) => {
        const first = await addTask(ledger, swarmId, own());
        const second = await addTask(ledger, swarmId, own([first]));
        await startSwarm(ledger, swarmId);
        return [first, second];
      },
    );
    expect(caller.ok).toBe(true);
    const { swarm, tasks } = await expectSound(arena.ledger, swarmId);
    expect([swarm.status, tasks.size]).toEqual(['executing', 5]);
    expect(await workOff(arena.ledger, swarmId)).toHaveLength(5);
    expect((await expectSound(arena.ledger, swarmId)).swarm.status).toBe('completed');
  }
});

test('cancel of an added task against store-plan: the synthesis never waits for it in vain', async () => {
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const taskId = await addTask(arena.ledger, swarmId, { ...own(), onFailure: 'continue' });
    const both = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      (ledger) => cancelTask(ledger, swarmId, taskId),
    );
    expect(both.map(({ ok }) => ok)).toEqual([true, true]);
    await expectSound(arena.ledger, swarmId);
    expect(await workOff(arena.ledger, swarmId)).toHaveLength(3);
    expect((await expectSound(arena.ledger, swarmId)).swarm.status).toBe('completed');
  }
});

test('spawn and assign against store-plan: the agent does the task that it was given', async () => {
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const taskId = await addTask(arena.ledger, swarmId, own());
    const [planned, agent] = await arena.contest(
      round,
      (ledger) => storePlan(ledger, swarmId, 'planner', drawing),
      async (ledger) => {
        const { id } = await spawnAgent(ledger, swarmId, { type: 'tester' });
        await assignTask(ledger, swarmId, taskId, id);
        return id;
      },
    );
    expect(planned.ok && agent.ok).toBe(true);
    await startSwarm(arena.ledger, swarmId);
    await claimAll(arena.ledger, swarmId);
    const { tasks } = await expectSound(arena.ledger, swarmId);
    expect(tasks.get(taskId)?.agentId).toBe(agent.ok ? agent.value : undefined);
  }
});

test('add-task against stop of a swarm that is being planned: nothing is left open', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const swarmId = await newSwarm(arena.ledger);
    const [added] = await arena.contest(
      round,
      (ledger) => addTask(ledger, swarmId, own()),
      (ledger) => stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'Enough.' }),
    );
    seen.add(added.ok);
    const { swarm, tasks } = await expectSound(arena.ledger, swarmId);
    expect([swarm.status, [...tasks.values()].map(({ status }) => status)]).toEqual([
      'stopped',
      added.ok ? ['cancelled'] : [],
    ]);
  }
  expect(seen.size).toBe(2);
});

test('an added task that depends on one of the plan, before there is one: refused with a sentence that names it', async () => {
  const swarmId = await newSwarm(arena.ledger);
  const refusal = {
    code: 'task_not_found',
    message: expect.stringMatching(/task_001 .*plan is still being made/),
  };
  await expect(addTask(arena.ledger, swarmId, own(['task_001']))).rejects.toMatchObject(refusal);
  expect((await getSwarm(arena.ledger, swarmId))?.seq).toBe(1);
});

test('a plan of one task gets a closing task when something was added, and none otherwise', async () => {
  const single = planToTasks(withSynthesis([node('a')]), { timeoutMs: 60_000, maxRetries: 0 });
  const last = single.at(-1);
  const plan = { ...drawing, tasks: single.slice(0, 1), ...(last === undefined ? {} : { closing: last }) };
  const alone = await newSwarm(arena.ledger);
  await storePlan(arena.ledger, alone, 'planner', plan);
  expect((await expectSound(arena.ledger, alone)).tasks.size).toBe(1);
  const swarmId = await newSwarm(arena.ledger);
  await addTask(arena.ledger, swarmId, own());
  await storePlan(arena.ledger, swarmId, 'planner', plan);
  const { specs } = await expectSound(arena.ledger, swarmId);
  expect(specs.get('task_003')).toMatchObject({ key: 'synthesis', dependencies: ['task_001', 'task_002'] });
});

test('line breaks in the names of tasks and agents become spaces', async () => {
  const swarmId = await newSwarm(arena.ledger);
  const taskId = await addTask(arena.ledger, swarmId, { ...own(), name: 'Write\nthe manual\r\n' });
  const agent = await spawnAgent(arena.ledger, swarmId, { type: 'coder', name: 'One\u2028two' });
  await storePlan(arena.ledger, swarmId, 'planner', {
    source: 'template',
    degraded: false,
    summary: 'One task',
    tasks: planToTasks([{ ...node('a'), name: 'Plan\n it' }], { timeoutMs: 60_000, maxRetries: 0 }),
  });
  const { specs, events } = await expectSound(arena.ledger, swarmId);
  expect([specs.get(taskId)?.name, specs.get('task_002')?.name, agent.name]).toEqual([
    'Write the manual',
    'Plan it',
    'One two',
  ]);
  const told = events.filter(({ type }) => type === 'task.created').map(({ data }) => data['name']);
  expect(told).toEqual(['Write the manual', 'Plan it']);
});
