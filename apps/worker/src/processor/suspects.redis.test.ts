import { createLogger } from '@claude-flow/core/runtime/logger';
import { POISON_CRASHES } from '@claude-flow/core/runtime/tunables';
import { completeTask } from '@claude-flow/core/store/completions';
import { listTasks } from '@claude-flow/core/store/task-reads';
import { type Claimed, claimTask, dispatchTasks, reclaimTask } from '@claude-flow/core/store/tasks';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { AttemptAborted } from '../lease/attempt-aborted.ts';
import { holdTask } from '../lease/held-task.ts';
import { createSuspects, type Suspects } from './suspects.ts';
import { whenApart } from './when-apart.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture?.close());

const log = createLogger({ service: 'suspects-test', level: 'silent' });
const NEVER = new AbortController().signal;
const RESULT = { summary: 's', decisions: [], output: '', openQuestions: [], artifacts: [], quality: null };
const turnOfLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('createSuspects', () => {
  it('lets one in at a time, in the order of arrival; one that goes away meanwhile holds nobody up', async () => {
    const suspects = createSuspects();
    const order: string[] = [];
    const leaveFirst = await suspects.enter(NEVER);
    const gone = new AbortController();
    const second = suspects.enter(gone.signal).catch((error: unknown) => error);
    const third = suspects.enter(NEVER).then((leave) => {
      order.push('third');
      return leave;
    });
    gone.abort(new AttemptAborted('pause'));
    expect(await second).toMatchObject({ reason: 'pause' });
    await turnOfLoop();
    expect(order).toEqual([]);
    leaveFirst();
    leaveFirst();
    const leaveThird = await third;
    leaveThird();
    (await suspects.enter(NEVER))();
    await expect(suspects.enter(gone.signal)).rejects.toMatchObject({ reason: 'pause' });
  });
});

/** A worker's life, as far as this is about: it has so many places, and everything in it dies with it. */
class Life {
  readonly suspects: Suspects = createSuspects();
  readonly held: Claimed[] = [];
  readonly begun = new Set<Claimed>();
  readonly running: Promise<void>[] = [];
  readonly death = new AbortController();

  take(claimed: Claimed): void {
    this.held.push(claimed);
    const task = holdTask(claimed.claim, 0);
    this.death.signal.addEventListener('abort', () => task.lose('fenced'));
    const deps = { ledger: fixture.ledger, suspects: this.suspects, drain: NEVER };
    const work = async () => {
      this.begun.add(claimed);
      // Until its worker dies, or it is told to end.
      await new Promise<void>((resolve) => {
        this.death.signal.addEventListener('abort', () => resolve());
        this.ends.set(claimed, resolve);
      });
    };
    this.running.push(whenApart(deps, { task, state: claimed.state, log }, work).catch(() => undefined));
  }
  readonly ends = new Map<Claimed, () => void>();
}

interface Story {
  innocents: number;
  otherSwarm: number;
  workers: number;
  places: number;
  /** Which of those at work goes on next. */
  choices: number[];
}

/** Runs all tasks over a fleet on which one of them takes down every worker that begins it. @returns how many workers died */
async function runFleet({ innocents, otherSwarm, workers, places, choices }: Story): Promise<number> {
  const { ledger, queues } = fixture;
  const spec = { onFailure: 'continue' as const };
  const swarms = [
    await fixture.swarm(
      Array.from({ length: innocents + 1 }, () => spec),
      'With poison',
      { maxAgents: 50 },
    ),
    ...(otherSwarm > 0
      ? [
          await fixture.swarm(
            Array.from({ length: otherSwarm }, () => spec),
            'Neighbours',
            { maxAgents: 50 },
          ),
        ]
      : []),
  ];
  const isPoison = ({ claim }: Claimed) => claim.swarmId === swarms[0] && claim.taskId === 'task_001';
  const fleet = Array.from({ length: workers }, () => new Life());
  let lives = workers;
  let deaths = 0;
  let token = 0;
  let turn = 0;
  const choose = (count: number) => (choices[turn++ % choices.length] ?? 0) % count;

  async function fill(): Promise<void> {
    for (const swarmId of swarms) await dispatchTasks(ledger, swarmId, 100);
    for (const swarmId of swarms) {
      for (const { state } of await listTasks(ledger, swarmId)) {
        const free = fleet.filter((life) => life.held.length < places);
        if (state.status !== 'queued' || free.length === 0) continue;
        const wish = {
          swarmId,
          taskId: state.id,
          attempt: state.attempt,
          token: `t${token++}`,
          workerId: 'w',
        };
        const claimed = await claimTask(ledger, wish);
        if (claimed.claimed) free[choose(free.length)]?.take(claimed);
      }
    }
  }

  async function die(at: number): Promise<void> {
    const life = fleet[at];
    if (life === undefined) return;
    deaths += 1;
    life.death.abort();
    await Promise.all(life.running);
    for (const { claim } of life.held) {
      await ledger.redis.zadd(ledger.keys.swarm(claim.swarmId, 'running'), 'XX', 1, claim.taskId);
      await reclaimTask(ledger, claim);
    }
    fleet[at] = new Life();
    lives += 1;
  }

  for (let step = 0; step < 1_000; step += 1) {
    await fill();
    // What may begin begins: a few commands each.
    await ledger.redis.ping();
    for (let i = 0; i < 5; i += 1) await turnOfLoop();
    const doomed = fleet.findIndex((life) => [...life.begun].some(isPoison));
    if (doomed >= 0 && choose(2) === 0) {
      await die(doomed);
      continue;
    }
    const busy = fleet.filter((life) => [...life.begun].some((one) => !isPoison(one)));
    const life = busy[choose(Math.max(1, busy.length))];
    if (life === undefined) {
      if (doomed >= 0) await die(doomed);
      else if (fleet.every((one) => one.held.length === 0)) break;
      continue;
    }
    const able = [...life.begun].filter((one) => !isPoison(one));
    const done = able[choose(able.length)];
    if (done === undefined) continue;
    await completeTask(ledger, done.claim, RESULT, {});
    life.ends.get(done)?.();
    life.begun.delete(done);
    life.held.splice(life.held.indexOf(done), 1);
  }
  expect(lives).toBe(workers + deaths);
  for (const [i, swarmId] of swarms.entries()) {
    for (const { state } of await listTasks(ledger, swarmId)) {
      const poison = i === 0 && state.id === 'task_001';
      expect([state.id, state.status]).toEqual([state.id, poison ? 'failed' : 'completed']);
      if (poison) expect(state.errorCode).toBe('poison');
      // It goes down with the poison once: from then on it is never beside it.
      else expect(state.crashes).toBeLessThanOrEqual(1);
    }
  }
  await queues.task.drain();
  return deaths;
}

it('of one poisonous task among innocent ones on any fleet, only the poisonous one fails, and it costs three workers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        innocents: fc.integer({ min: 0, max: 7 }),
        otherSwarm: fc.integer({ min: 0, max: 3 }),
        workers: fc.integer({ min: 1, max: 3 }),
        places: fc.integer({ min: 1, max: 5 }),
        choices: fc.array(fc.nat(100), { minLength: 5, maxLength: 40 }),
      }),
      async (story) => {
        expect(await runFleet(story)).toBe(POISON_CRASHES);
      },
    ),
    { numRuns: 15 },
  );
});

it('six neighbours on one worker all complete, where they used to be given up with it', async () => {
  expect(await runFleet({ innocents: 6, otherSwarm: 0, workers: 1, places: 7, choices: [0] })).toBe(
    POISON_CRASHES,
  );
});
