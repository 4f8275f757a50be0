import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTask } from '../../src/store/add-task.ts';
import { completeTask } from '../../src/store/completions.ts';
import { readJournal } from '../../src/store/journal.ts';
import { cancelTask, retryTask } from '../../src/store/task-control.ts';
import { dispatchTasks, failTask, type TaskClaim } from '../../src/store/tasks.ts';
import { claim, result } from '../ledger-fixture.ts';
import { expectSound } from '../ledger-invariants.ts';
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
const final = { code: 'internal', message: 'It broke.', retryable: false, delayMs: 0 } as const;
const statuses = async ({ swarmId }: Pick<TaskClaim, 'swarmId'>) =>
  [...(await expectSound(arena.ledger, swarmId)).tasks.values()]
    .sort((one, other) => one.id.localeCompare(other.id))
    .map((task) => task.status);

/** `task_001` has failed, with `edges` behind it; `z` keeps the swarm open, and is at work. */
async function afterFailure(
  edges: Record<string, string[]>,
): Promise<{ failed: TaskClaim; open: TaskClaim }> {
  const swarmId = await started(arena.ledger, { ...edges, z: [] }, { maxAgents: 2 });
  const claims: TaskClaim[] = [];
  for (const task of (await dispatchTasks(arena.ledger, swarmId, 2)).queued) {
    const claimed = await claim(arena.ledger, task, 60_000);
    if (!claimed.claimed) throw new Error(claimed.why);
    claims.push(claimed.claim);
  }
  const [failed, open] = claims;
  if (failed === undefined || open === undefined) throw new Error('two tasks were to be at work');
  await failTask(arena.ledger, failed, final);
  return { failed, open };
}

test('cancel against complete: the result counts, or the task is out and its dependants with it', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [], b: ['a'], z: [] });
    const [done, cancelled] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, one, result('mine'), {}),
      (ledger) => cancelTask(ledger, one.swarmId, one.taskId),
    );
    seen.add(done.ok);
    expect(cancelled.ok).toBe(!done.ok);
    if (!done.ok) expect(done.code).toBe('fenced');
    const [a, b] = await statuses(one);
    expect([a, b]).toEqual(done.ok ? ['completed', 'ready'] : ['cancelled', 'skipped']);
  }
  expect(seen.size).toBe(2);
});

test('cancel against claim: nobody runs a cancelled task for longer than its next write', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [], z: [] });
    const [task] = (await dispatchTasks(arena.ledger, swarmId, 1)).queued;
    if (task === undefined) throw new Error('nothing was dispatched');
    const [claimed, cancelled] = await arena.contest(
      round,
      (ledger) => claim(ledger, task),
      (ledger) => cancelTask(ledger, swarmId, task.taskId),
    );
    expect(cancelled).toMatchObject({ ok: true, value: { changed: true } });
    expect((await statuses({ swarmId }))[0]).toBe('cancelled');
    if (claimed.ok && claimed.value.claimed) {
      const late = completeTask(arena.ledger, claimed.value.claim, result('late'), {});
      await expect(late).rejects.toMatchObject({ code: 'fenced' });
    }
  }
});

test('many cancels of one task, many retries of one: one does it, the others find it done', async () => {
  for (const round of rounds) {
    const { failed, open } = await afterFailure({ a: [], b: ['a'], c: ['b'] });
    const retry = (ledger: typeof arena.ledger) => retryTask(ledger, failed.swarmId, failed.taskId);
    const retries = await arena.contest(round, retry, retry, retry);
    expect(retries.filter((each) => each.ok && each.value.changed)).toEqual([
      { ok: true, value: { changed: true, taskStatus: 'ready', revived: 2 } },
    ]);
    expect(retries.every((each) => each.ok)).toBe(true);
    expect(await statuses(failed)).toEqual(['ready', 'blocked', 'blocked', 'running']);

    const cancel = (ledger: typeof arena.ledger) => cancelTask(ledger, open.swarmId, open.taskId);
    const cancels = await arena.contest(round, cancel, cancel, cancel);
    expect(cancels.map((each) => each.ok && each.value.changed).filter(Boolean)).toHaveLength(1);
    expect(cancels.every((each) => each.ok)).toBe(true);
    await expectSound(arena.ledger, failed.swarmId);
  }
});

test('retry against the last completion: the swarm goes on, or it has ended and the retry is refused', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const { failed, open } = await afterFailure({ a: [], b: ['a'] });
    const [done, retried] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, open, result('last'), {}),
      (ledger) => retryTask(ledger, failed.swarmId, failed.taskId),
    );
    expect(done.ok).toBe(true);
    seen.add(retried.ok);
    if (!retried.ok) expect(retried.code).toBe('swarm_state_conflict');
    const { swarm } = await expectSound(arena.ledger, failed.swarmId);
    expect(swarm.status).toBe(retried.ok ? 'executing' : 'failed');
    expect(await statuses(failed)).toEqual(
      retried.ok ? ['ready', 'blocked', 'completed'] : ['failed', 'skipped', 'completed'],
    );
  }
  expect(seen.size).toBe(2);
});

test('a retry against a task added behind the failed one: it is refused, or waits', async () => {
  for (const round of rounds) {
    const { failed } = await afterFailure({ a: [] });
    const [added, retried] = await arena.contest(
      round,
      (ledger) =>
        addTask(ledger, failed.swarmId, {
          name: 'Added',
          description: 'Needs the first one',
          type: 'custom',
          agentType: 'coder',
          priority: 2,
          dependencies: [failed.taskId],
          requirements: { capabilities: [], tools: [], permissions: ['read'] },
          onFailure: 'skip-dependents',
          timeoutMs: 60_000,
          maxRetries: 0,
        }),
      (ledger) => retryTask(ledger, failed.swarmId, failed.taskId),
    );
    expect(retried.ok).toBe(true);
    if (!added.ok) expect(added.code).toBe('task_state_conflict');
    expect(await statuses(failed)).toEqual(added.ok ? ['ready', 'running', 'blocked'] : ['ready', 'running']);
  }
});

test('a retried task begins anew: an empty journal, all its retries, the next attempt, and the swarm may complete', async () => {
  const { failed, open } = await afterFailure({ a: [], b: ['a'] });
  await retryTask(arena.ledger, failed.swarmId, failed.taskId);
  expect(await readJournal(arena.ledger, failed.swarmId, failed.taskId)).toEqual([]);
  await completeTask(arena.ledger, open, result('z'), {});
  for (const [taskId, attempt] of [
    ['task_001', 2],
    ['task_002', 1],
  ] as const) {
    const [task] = (await dispatchTasks(arena.ledger, failed.swarmId, 9)).queued;
    expect(task).toMatchObject({ taskId, attempt });
    const claimed = task && (await claim(arena.ledger, task));
    if (!claimed?.claimed) throw new Error('not claimed');
    expect(claimed.state).toMatchObject({ failures: 0, crashes: 0 });
    await completeTask(arena.ledger, claimed.claim, result(taskId), {});
  }
  const { swarm } = await expectSound(arena.ledger, failed.swarmId);
  expect(swarm.status).toBe('completed');
  expect(swarm.reason).toBeUndefined();
});
