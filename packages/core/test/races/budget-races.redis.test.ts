import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completeTask } from '../../src/store/completions.ts';
import { readEvents } from '../../src/store/events.ts';
import { appendJournal } from '../../src/store/journal.ts';
import { pauseSwarm, stopSwarm } from '../../src/store/swarms.ts';
import { getResult } from '../../src/store/task-reads.ts';
import { heartbeatTask, type TaskClaim } from '../../src/store/tasks.ts';
import { claimAll, NO_USAGE, result } from '../ledger-fixture.ts';
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
const entry = { kind: 'turn.requested', turn: 1, attempt: 1 } as const;

/** Two tasks at work in a swarm that may use so many tokens. */
async function pair(maxTokens: number): Promise<[TaskClaim, TaskClaim]> {
  const swarmId = await started(arena.ledger, { a: [], b: [] }, { budget: { maxTokens } });
  const [a, b] = await claimAll(arena.ledger, swarmId, 60_000);
  if (a === undefined || b === undefined) throw new Error('two tasks were to be claimed');
  return [a, b];
}
const turn = (ledger: Arena['ledger'], one: TaskClaim, tokens: number) =>
  appendJournal(ledger, one, 0, entry, { usage: { ...NO_USAGE, outputTokens: tokens } });
const ends = async (swarmId: string) =>
  (await readEvents(arena.ledger, swarmId, 0, 1_000)).filter(({ type }) =>
    ['swarm.completed', 'swarm.failed', 'swarm.stopped'].includes(type),
  );

test('two journals at once, of which either uses up the budget: it ends once, and the other’s cost is not lost or refused', async () => {
  for (const round of rounds) {
    const [a, b] = await pair(10);
    const [one, other] = await arena.contest(
      round,
      (ledger) => turn(ledger, a, 10),
      (ledger) => turn(ledger, b, 10),
    );
    const { swarm } = await expectSound(arena.ledger, a.swarmId);
    expect(swarm).toMatchObject({ status: 'failed', reason: 'budget', outputTokens: 10 });
    expect([one, other]).toContainEqual({ ok: true, value: 'budget' });
    expect([one, other]).toContainEqual({ ok: false, code: 'fenced' });
    expect(await ends(a.swarmId)).toHaveLength(1);
  }
});

test('two journals at once, which only together use it up: both count, the later one ends the swarm', async () => {
  for (const round of rounds) {
    const [a, b] = await pair(10);
    const both = await arena.contest(
      round,
      (ledger) => turn(ledger, a, 5),
      (ledger) => turn(ledger, b, 5),
    );
    const { swarm } = await expectSound(arena.ledger, a.swarmId);
    expect(swarm).toMatchObject({ status: 'failed', reason: 'budget', outputTokens: 10 });
    expect(both.map((each) => each.ok && each.value).sort()).toEqual(['budget', 'go']);
  }
});

test('the budget against a completion: what completed first stays, else it is refused', async () => {
  const seen = new Set<boolean>();
  for (const round of rounds) {
    const [a, b] = await pair(10);
    const [done, paid] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, a, result('mine'), {}),
      (ledger) => turn(ledger, b, 11),
    );
    const { swarm, tasks } = await expectSound(arena.ledger, a.swarmId);
    seen.add(done.ok);
    expect(paid).toEqual({ ok: true, value: 'budget' });
    expect(swarm).toMatchObject({ status: 'failed', reason: 'budget' });
    expect(tasks.get(a.taskId)?.status).toBe(done.ok ? 'completed' : 'cancelled');
    expect((await getResult(arena.ledger, a.swarmId, a.taskId)) !== undefined).toBe(done.ok);
  }
  expect(seen.size).toBe(2);
});

test('the last task’s completion against the budget of its own late turn: one end, and it stays', async () => {
  for (const round of rounds) {
    const swarmId = await started(arena.ledger, { a: [] }, { budget: { maxTokens: 10 } });
    const [a] = await claimAll(arena.ledger, swarmId, 60_000);
    if (a === undefined) throw new Error('nothing was claimed');
    const [done, paid] = await arena.contest(
      round,
      (ledger) => completeTask(ledger, a, result('mine'), {}),
      (ledger) => turn(ledger, a, 11),
    );
    const { swarm } = await expectSound(arena.ledger, swarmId);
    expect(done.ok).toBe(!paid.ok);
    expect(swarm.status).toBe(done.ok ? 'completed' : 'failed');
    expect(await ends(swarmId)).toHaveLength(1);
  }
});

test('the budget against a stop: whichever came first is the reason, for ever', async () => {
  const reasons = new Set<string | undefined>();
  for (const round of rounds) {
    const [a, b] = await pair(10);
    const [paid, stopped] = await arena.contest(
      round,
      (ledger) => turn(ledger, a, 11),
      (ledger) => stopSwarm(ledger, a.swarmId, { reason: 'stopped', message: 'Enough.' }),
    );
    const { swarm } = await expectSound(arena.ledger, a.swarmId);
    reasons.add(swarm.reason);
    expect(paid).toEqual(
      swarm.reason === 'budget' ? { ok: true, value: 'budget' } : { ok: false, code: 'fenced' },
    );
    expect(stopped.ok).toBe(swarm.reason === 'stopped');
    expect(await heartbeatTask(arena.ledger, b)).toBe(swarm.reason === 'budget' ? 'budget' : 'cancel');
    expect(await ends(a.swarmId)).toHaveLength(1);
  }
  expect(reasons).toEqual(new Set(['budget', 'stopped']));
});

test('the budget against a pause: a paused swarm ends by it all the same', async () => {
  for (const round of rounds) {
    const [a] = await pair(10);
    await arena.contest(
      round,
      (ledger) => turn(ledger, a, 11),
      (ledger) => pauseSwarm(ledger, a.swarmId),
    );
    const { swarm } = await expectSound(arena.ledger, a.swarmId);
    expect(swarm).toMatchObject({ status: 'failed', reason: 'budget' });
  }
});
