import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimAll, graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import { expectSound } from '../../test/ledger-invariants.ts';
import { COMPLETIONS_AT_ONCE } from '../runtime/tunables.ts';
import type { Ledger } from '../store/ledger.ts';
import { startSwarm } from '../store/swarms.ts';
import type { TaskClaim } from '../store/tasks.ts';
import { type Completer, createCompleter } from './completer.ts';
import { createQueues, type Queues } from './queues.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
let queues: Queues;
let completer: Completer;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
  queues = createQueues(ledger.redis, ledger.keys.queuePrefix, (error) => expect.fail(error.message));
  completer = createCompleter({ ledger, queues });
});
afterAll(async () => {
  await queues?.close();
  ledger?.redis.disconnect();
  await redis?.stop();
});

/** As many tasks at work as named, and `join` behind them all. */
async function layer(width: number, more: Record<string, string[]> = {}): Promise<TaskClaim[]> {
  const swarmId = await newSwarm(ledger, { maxAgents: 50 });
  const names = Array.from({ length: width }, (_, i) => `t${i}`);
  const edges = { ...Object.fromEntries(names.map((name) => [name, []])), join: names, ...more };
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return claimAll(ledger, swarmId);
}

let tokens = 0;
function wish(places = 1) {
  tokens += 1;
  return { token: `onward-${tokens}`, workerId: 'worker-1', places };
}
const done = (claim: TaskClaim, handOver = wish()) =>
  completer.complete({ claim, result: result(claim.taskId), data: {} }, handOver);
/** Each script is one entry of the stream. */
const scripts = ({ swarmId }: TaskClaim) => ledger.redis.xlen(ledger.keys.swarm(swarmId, 'events'));

function firstOf(claims: readonly TaskClaim[]): TaskClaim {
  return claims[0] ?? expect.fail('nothing is at work');
}

test('completions of one turn are one script, and the join goes to one of them', async () => {
  const claims = await layer(5);
  const before = await scripts(firstOf(claims));
  const ended = await Promise.all(claims.map((claim) => done(claim)));
  expect((await scripts(firstOf(claims))) - before).toBe(1);
  expect(ended.map(({ freed }) => freed)).toEqual([0, 0, 0, 0, 1]);
  const handed = ended.map(({ handedOver }) => handedOver.map(({ claim }) => claim.taskId));
  expect(handed).toEqual([['task_006'], [], [], [], []]);
  const { tasks } = await expectSound(ledger, firstOf(claims).swarmId);
  expect(tasks.get('task_006')?.status).toBe('running');
});

test('each goes on in its own place before anybody has two', async () => {
  const claims = await layer(3, { u: ['t0'], v: ['t1'], w: ['t2'], x: ['t0'], y: ['t0'] });
  const ended = await Promise.all(claims.map((claim, i) => done(claim, wish(i === 0 ? 3 : 1))));
  const handed = ended.map(({ handedOver }) => handedOver.length);
  expect(handed).toEqual([3, 1, 1]);
  expect(ended.map(({ more }) => more)).toEqual([true, false, false]);
  await expectSound(ledger, firstOf(claims).swarmId);
});

test('one that is fenced is refused alone', async () => {
  const claims = await layer(3);
  const stale = { ...firstOf(claims), token: 'of an earlier attempt' };
  const ended = await Promise.allSettled([stale, ...claims.slice(1)].map((claim) => done(claim)));
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(ended[0]).toMatchObject({ reason: { code: 'fenced' } });
  const { tasks } = await expectSound(ledger, stale.swarmId);
  expect(tasks.get(stale.taskId)?.status).toBe('running');
});

test('sent again, alone or with others, each is told the same', async () => {
  const claims = await layer(3, { u: ['t0'], v: ['t1'] });
  const wishes = claims.map(() => wish());
  const send = (order: readonly number[]) =>
    Promise.all(order.map((i) => done(claims[i] ?? expect.fail(), wishes[i])));
  const [first, second] = await send([0, 1]);
  const before = await scripts(firstOf(claims));
  const [again, other] = await send([1, 2]);
  expect(again).toMatchObject({ handedOver: second?.handedOver, freed: 0 });
  expect((await send([0]))[0]?.handedOver).toEqual(first?.handedOver);
  expect(other?.swarmStatus).toBe('executing');
  // The third task's end is the one new thing.
  expect((await scripts(firstOf(claims))) - before).toBe(1);
  await expectSound(ledger, firstOf(claims).swarmId);
});

test('swarms do not share a script, and a script is never too large', async () => {
  const [wide, other] = [await layer(COMPLETIONS_AT_ONCE + 8), await layer(2)];
  const before = [await scripts(firstOf(wide)), await scripts(firstOf(other))];
  await Promise.all([...wide, ...other].map((claim) => done(claim)));
  const after = [await scripts(firstOf(wide)), await scripts(firstOf(other))];
  expect(after.map((count, i) => count - (before[i] ?? 0))).toEqual([2, 1]);
  await expectSound(ledger, firstOf(wide).swarmId);
});

test('when Redis is away all of them hear of it, and may be sent again', async () => {
  const claims = await layer(3);
  const own = await openLedger(redis.url, redis.prefix);
  own.redis.disconnect();
  const lost = createCompleter({ ledger: own, queues });
  const ended = await Promise.allSettled(
    claims.map((claim) => lost.complete({ claim, result: result('x'), data: {} }, wish())),
  );
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const again = await Promise.all(claims.map((claim) => done(claim)));
  expect(again.flatMap(({ handedOver }) => handedOver)).toHaveLength(1);
  await expectSound(ledger, firstOf(claims).swarmId);
});
