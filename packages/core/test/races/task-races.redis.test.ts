import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { terminateAgent } from '../../src/store/agents.ts';
import { artifactDigest, readArtifact, storeArtifact } from '../../src/store/artifacts.ts';
import { completeTask, completeTasks, writtenCompletion } from '../../src/store/completions.ts';
import { appendJournal, readJournal } from '../../src/store/journal.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import { pauseSwarm, resumeSwarm, stopSwarm } from '../../src/store/swarms.ts';
import { getResult, getTask } from '../../src/store/task-reads.ts';
import {
  claimTask,
  dispatchTasks,
  failTask,
  heartbeatTask,
  reclaimTask,
  releaseTask,
  requeueTask,
  type TaskClaim,
  tryApart,
} from '../../src/store/tasks.ts';
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
const state = async (one: TaskClaim) => {
  const view = await getTask(arena.ledger, one.swarmId, one.taskId);
  if (view === undefined) throw new Error('the task is gone');
  return view.state;
};
const failure = { code: 'internal', message: 'It broke.', retryable: true, delayMs: 0 } as const;
const stop = { reason: 'stopped', message: 'Enough.' } as const;

test('complete against reclaim: the result is kept or the task is another’s, never both', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [], b: ['a'] }, 0);
    const [done, taken] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, one, result('mine'), {}),
      (ledger) => reclaimTask(ledger, one),
    );
    const { tasks } = await expectSound(arena.ledger, one.swarmId);
    seen.add(done.ok);
    expect(taken).toEqual({ ok: true, value: done.ok ? undefined : 'retrying' });
    if (!done.ok) expect(done.code).toBe('fenced');
    expect(tasks.get('task_001')?.status).toBe(done.ok ? 'completed' : 'retrying');
    expect(tasks.get('task_002')?.status).toBe(done.ok ? 'ready' : 'blocked');
    expect((await getResult(arena.ledger, one.swarmId, one.taskId)) !== undefined).toBe(done.ok);
  }
  expect(seen.size).toBe(2);
});

test('try-apart against reclaim: the loss is put down to the task only if it had been begun', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const first = await atWork(arena.ledger, { a: [] }, 0);
    expect(await reclaimTask(arena.ledger, first)).toBe('retrying');
    const [queued] = (await dispatchTasks(arena.ledger, first.swarmId, 1)).queued;
    if (queued === undefined) throw new Error('nothing queued');
    const claimed = await claimTask(arena.ledger, { ...queued, token: 'next', workerId: 'w', leaseMs: 0 });
    if (!claimed.claimed) throw new Error(claimed.why);
    const one = claimed.claim;
    const [begun, taken] = await arena.contest(
      round,
      (ledger) => tryApart(ledger, one),
      (ledger) => reclaimTask(ledger, one),
    );
    seen.add(begun.ok);
    expect(taken).toEqual({ ok: true, value: 'retrying' });
    if (!begun.ok) expect(begun.code).toBe('fenced');
    expect((await state(one)).crashes).toBe(begun.ok ? 2 : 1);
    await expectSound(arena.ledger, one.swarmId);
  }
  expect(seen.size).toBe(2);
});

/** Three tasks at work, the first of them with a lease that has ended. */
async function threeAtWork(): Promise<TaskClaim[]> {
  const swarmId = await started(arena.ledger, { a: [], b: [], c: [], join: ['a', 'b', 'c'] });
  const { queued } = await dispatchTasks(arena.ledger, swarmId, 3);
  const claims: TaskClaim[] = [];
  for (const [i, task] of queued.entries()) {
    const claimed = await claim(arena.ledger, task, i === 0 ? 0 : 60_000);
    if (claimed.claimed) claims.push(claimed.claim);
  }
  return claims;
}
const together = async (ledger: Ledger, claims: readonly TaskClaim[]) => {
  const written = claims.map((one) => writtenCompletion(ledger, one, result('mine'), {}));
  return completeTasks(ledger, await Promise.all(written));
};

test('completions sent together against reclaim of one: the others are recorded either way', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const claims = await threeAtWork();
    const [first] = claims;
    if (first === undefined) throw new Error('nothing is at work');
    const [done, taken] = await arena.contest(
      round,
      (ledger) => together(ledger, claims),
      (ledger) => reclaimTask(ledger, first),
    );
    const lost = done.ok && done.value[0] === 'fenced';
    seen.add(lost);
    expect(taken).toEqual({ ok: true, value: lost ? 'retrying' : undefined });
    expect(done.ok && done.value.slice(1).includes('fenced')).toBe(false);
    const { tasks } = await expectSound(arena.ledger, first.swarmId);
    const statuses = [...tasks.values()].map(({ status }) => status);
    expect(statuses.sort()).toEqual(
      (lost
        ? ['retrying', 'completed', 'completed', 'blocked']
        : ['completed', 'completed', 'completed', 'ready']
      ).sort(),
    );
  }
  expect(seen.size).toBe(2);
});

test('completions sent together against stop: all of them, or none', async () => {
  const seen = new Set<number>();
  for (const round of rounds) {
    const claims = await threeAtWork();
    const swarmId = claims[0]?.swarmId ?? '';
    const [done, stopped] = await arena.contest(
      round,
      (ledger) => together(ledger, claims),
      (ledger) => stopSwarm(ledger, swarmId, stop),
    );
    expect(stopped.ok).toBe(true);
    const recorded = done.ok ? done.value.filter((one) => one !== 'fenced').length : -1;
    seen.add(recorded);
    const { tasks } = await expectSound(arena.ledger, swarmId);
    expect([...tasks.values()].filter(({ status }) => status === 'completed')).toHaveLength(recorded);
  }
  expect([...seen].sort()).toEqual([0, 3]);
});

test('one worker’s completions sent twice at once, in other company: each task completes once', async () => {
  for (const round of rounds) {
    const claims = await threeAtWork();
    const [one, two, three] = claims;
    if (one === undefined || two === undefined || three === undefined) throw new Error('too few');
    await arena.contest(
      round,
      (ledger) => together(ledger, [one, two]),
      (ledger) => together(ledger, [two, three, one]),
      (ledger) => together(ledger, [three, three]),
    );
    const { tasks, events } = await expectSound(arena.ledger, one.swarmId);
    expect(events.filter(({ type }) => type === 'task.completed')).toHaveLength(3);
    expect(tasks.get('task_004')?.status).toBe('ready');
  }
});

test('two sweeps reclaim the same task: one crash is counted', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] }, 0);
    const taken = await arena.contest(
      round,
      (ledger) => reclaimTask(ledger, one),
      (ledger) => reclaimTask(ledger, one),
      (ledger) => reclaimTask(ledger, one),
    );
    expect(taken.filter((each) => each.ok && each.value === 'retrying')).toHaveLength(1);
    await expectSound(arena.ledger, one.swarmId);
    expect(await state(one)).toMatchObject({ status: 'retrying', crashes: 1, failures: 0 });
  }
});

test('journal append against reclaim: what was taken is there for the next attempt, what was not is refused', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] }, 0);
    const [appended] = await arena.contest(
      round,
      (ledger) => appendJournal(ledger, one, 0, { kind: 'turn.requested', turn: 1, attempt: 1 }),
      (ledger) => reclaimTask(ledger, one),
    );
    seen.add(appended.ok);
    if (!appended.ok) expect(appended.code).toBe('fenced');
    expect(await readJournal(arena.ledger, one.swarmId, one.taskId)).toHaveLength(appended.ok ? 1 : 0);
    await expectSound(arena.ledger, one.swarmId);
  }
  expect(seen.size).toBe(2);
});

test('artifact against reclaim: kept and told, or refused', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] }, 0);
    const content = Buffer.from(`round ${round}`);
    const [stored] = await arena.contest(
      round,
      (ledger) => storeArtifact(ledger, one, { path: 'a.txt', mode: 0o644, content }, true),
      (ledger) => reclaimTask(ledger, one),
    );
    const { events } = await expectSound(arena.ledger, one.swarmId);
    if (!stored.ok) expect(stored.code).toBe('fenced');
    const kept = await readArtifact(arena.ledger, one.swarmId, artifactDigest(content));
    expect(kept !== undefined).toBe(stored.ok);
    expect(events.filter(({ type }) => type === 'artifact.stored')).toHaveLength(stored.ok ? 1 : 0);
  }
});

test('an artifact sent twice at once, as after a lost reply, is told once', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] });
    const file = { path: 'a.txt', mode: 0o644, content: Buffer.from('the same') };
    const send = (ledger: typeof arena.ledger) => storeArtifact(ledger, one, file, true);
    const both = await arena.contest(round, send, send);
    expect(both.map((each) => each.ok)).toEqual([true, true]);
    const told = async () => {
      const { events } = await expectSound(arena.ledger, one.swarmId);
      return events.filter(({ type }) => type === 'artifact.stored').length;
    };
    expect(await told()).toBe(1);
    for (const text of ['another', 'the same'])
      await storeArtifact(arena.ledger, one, { ...file, content: Buffer.from(text) }, true);
    expect(await told()).toBe(3);
  }
});

test('requeue against claim: the attempt is claimed, or it is old', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [] });
    const [task] = (await dispatchTasks(arena.ledger, swarmId, 1)).queued;
    if (task === undefined) throw new Error('nothing was dispatched');
    const [claimed, requeued] = await arena.contest(
      round,
      (ledger) => claim(ledger, task),
      (ledger) => requeueTask(ledger, task),
    );
    const { tasks } = await expectSound(arena.ledger, swarmId);
    const won = claimed.ok && claimed.value.claimed;
    seen.add(won);
    expect(requeued).toMatchObject({ ok: true, value: won ? undefined : { attempt: 2 } });
    expect(tasks.get('task_001')).toMatchObject(
      won ? { status: 'running', attempt: 1 } : { status: 'queued', attempt: 2 },
    );
  }
  expect(seen.size).toBe(2);
});

test('fail against stop: the swarm is stopped, and the task has one end', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [], b: ['a'] });
    const [failed, stopped] = await arena.contest(
      round,
      (ledger) => failTask(ledger, one, { ...failure, retryable: round % 8 < 4 }),
      (ledger) => stopSwarm(ledger, one.swarmId, stop),
    );
    const { swarm, tasks } = await expectSound(arena.ledger, one.swarmId);
    // A failure that is final ends this swarm by itself, and the stop comes too late.
    const ended = failed.ok && failed.value.taskStatus === 'failed';
    expect(stopped.ok).toBe(!ended);
    expect(swarm.status).toBe(ended ? 'failed' : 'stopped');
    if (!failed.ok) expect(failed.code).toBe('fenced');
    expect(tasks.get('task_001')?.status).toBe(ended ? 'failed' : 'cancelled');
  }
});

test('release against pause: handed back to be ready, or suspended; the resume lets it go on', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] });
    const [released] = await arena.contest(
      round,
      (ledger) => releaseTask(ledger, one, 'The worker is stopping.'),
      (ledger) => pauseSwarm(ledger, one.swarmId),
    );
    await expectSound(arena.ledger, one.swarmId);
    const { status } = await state(one);
    seen.add(status);
    expect(released).toEqual({ ok: true, value: status });
    await resumeSwarm(arena.ledger, one.swarmId);
    expect((await dispatchTasks(arena.ledger, one.swarmId, 9)).queued).toHaveLength(1);
    await expectSound(arena.ledger, one.swarmId);
  }
  expect(seen).toEqual(new Set(['ready', 'suspended']));
});

test('a worker that hands back in doubt against the sweep: one of them ends the attempt, and nobody is left with it', async () => {
  const seen = new Set<string>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] }, 0);
    const [released, taken] = await arena.contest(
      round,
      (ledger) => releaseTask(ledger, one, 'The ledger was out of reach.'),
      (ledger) => reclaimTask(ledger, one),
    );
    await expectSound(arena.ledger, one.swarmId);
    expect(taken).toEqual({ ok: true, value: released.ok ? undefined : 'retrying' });
    if (!released.ok) expect(released.code).toBe('fenced');
    const { status, crashes } = await state(one);
    expect([status, crashes]).toEqual(released.ok ? ['ready', 0] : ['retrying', 1]);
    expect((await dispatchTasks(arena.ledger, one.swarmId, 1)).queued).toMatchObject([{ attempt: 2 }]);
    seen.add(status);
  }
  expect(seen.size).toBe(2);
});

test('complete against terminate-agent: the result counts, or the task is done again', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [], b: ['a'] });
    const [done, ended] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, one, result('mine'), {}),
      (ledger) => terminateAgent(ledger, one.swarmId, 'agent_001'),
    );
    const { tasks, agents } = await expectSound(arena.ledger, one.swarmId);
    seen.add(done.ok);
    expect(ended.ok).toBe(true);
    expect(agents.get('agent_001')).toMatchObject({ status: 'terminated', tasksCompleted: done.ok ? 1 : 0 });
    expect(tasks.get('task_001')?.status).toBe(done.ok ? 'completed' : 'ready');
  }
  expect(seen.size).toBe(2);
});

test('fail, heartbeat and reclaim of one attempt: one of them ends it, once', async () => {
  for (const round of rounds) {
    const one = await atWork(arena.ledger, { a: [] }, 0);
    const [failed, beat, taken] = await arena.contest(
      round,
      (ledger) => failTask(ledger, one, failure),
      (ledger) => heartbeatTask(ledger, one, 60_000),
      (ledger) => reclaimTask(ledger, one),
    );
    await expectSound(arena.ledger, one.swarmId);
    const after = await state(one);
    expect(after.status).toBe('retrying');
    expect(after.failures + after.crashes).toBe(1);
    expect(after.failures === 1).toBe(failed.ok);
    expect(taken.ok && taken.value === 'retrying').toBe(!failed.ok);
    expect(beat.ok && ['ok', 'fenced'].includes(beat.value)).toBe(true);
  }
});
