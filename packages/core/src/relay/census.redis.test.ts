import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSwarm, openLedger } from '../../test/ledger-fixture.ts';
import { createRedis } from '../redis/connect.ts';
import type { Ledger } from '../store/ledger.ts';
import type { ListOf } from '../store/swarm-lists.ts';
import { retireSwarm, stopSwarm } from '../store/swarms.ts';
import { type Census, createCensus } from './census.ts';

let redis: TestRedis;
let ledger: Ledger;
let census: Census;
const errors: unknown[] = [];
const subscriber = () => createRedis({ url: redis.url, name: 'census-test', mode: 'patient' });
let ours: ReturnType<typeof subscriber>;
beforeAll(async () => {
  redis = await startTestRedis({ ownServer: true });
  ledger = await openLedger(redis.url, redis.prefix);
  ours = subscriber();
  census = createCensus(ledger, ours, { onError: (error) => errors.push(error), now: Date.now });
});
afterAll(async () => {
  census?.close();
  ours?.disconnect();
  ledger?.redis.disconnect();
  await redis?.stop();
});

async function watcher(whose: ListOf, from: { since?: number; also?: string[] } = {}) {
  const born: string[] = [];
  const { present, end } = await census.watch(whose, { also: [], ...from }, ({ swarmId }) => {
    born.push(swarmId);
  });
  const there = present.map(({ swarmId }) => swarmId);
  return { there, born, all: () => [...there, ...born], end };
}

const many = (count: number, owner: string) =>
  Promise.all(Array.from({ length: count }, () => newSwarm(ledger, { owner })));

test('watchers who come while swarms are born hear of every one of theirs once, and of no other', async () => {
  const before = await many(20, 'a');
  const creating = (async () => {
    const ids: string[] = [];
    for (let i = 0; i < 30; i += 1) {
      ids.push(...(await many(3, 'a')));
      await many(2, 'b');
    }
    return ids;
  })();
  const watchers: Awaited<ReturnType<typeof watcher>>[] = [];
  for (let i = 0; i < 15; i += 1) watchers.push(await watcher({ owner: 'a' }));
  const admin = await watcher('everybody');
  const created = [...before, ...(await creating)].sort();
  const last = await newSwarm(ledger, { owner: 'a' });
  for (const one of watchers) {
    await waitFor(() => one.born.includes(last), { deadlineMs: 10_000, what: 'the last swarm' });
    expect(one.all().sort()).toEqual([...created, last].sort());
  }
  await waitFor(() => admin.born.includes(last), { deadlineMs: 10_000, what: 'the last swarm' });
  expect(new Set(admin.all()).size).toBe(admin.all().length);
  expect(admin.all()).toHaveLength(created.length + 1 + 60);
  for (const one of [...watchers, admin]) one.end();
  expect(errors).toEqual([]);
});

test('the birth is subscribed to only while somebody watches', async () => {
  const subscribed = () => ledger.redis.pubsub('NUMSUB', ledger.keys.bornChannel).then(([, count]) => count);
  expect(await subscribed()).toBe(0);
  const [one, two] = [await watcher({ owner: 'c' }), await watcher('everybody')];
  expect(await subscribed()).toBe(1);
  one.end();
  one.end();
  expect(await subscribed()).toBe(1);
  two.end();
  await waitFor(async () => (await subscribed()) === 0, { deadlineMs: 5_000, what: 'the end' });
});

test('a swarm whose birth nobody heard of is found in the index, also when it has ended meanwhile', async () => {
  const one = await watcher({ owner: 'd' });
  await ledger.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  const swarmId = await newSwarm(ledger, { owner: 'd' });
  await stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'Enough.' });
  await retireSwarm(ledger, swarmId, []);
  await waitFor(() => one.born.length > 0, { deadlineMs: 15_000, what: 'the swarm' });
  expect(one.born).toEqual([swarmId]);
  one.end();
});

test('who comes back names swarms and a time: what has ended is there too, others’ swarms are not', async () => {
  const [ended, foreign] = [await newSwarm(ledger, { owner: 'e' }), await newSwarm(ledger, { owner: 'f' })];
  await stopSwarm(ledger, ended, { reason: 'stopped', message: 'Enough.' });
  await retireSwarm(ledger, ended, []);
  const open = await newSwarm(ledger, { owner: 'e' });
  const from = async (given: { since?: number; also?: string[] }) => {
    const one = await watcher({ owner: 'e' }, given);
    one.end();
    return one.there.sort();
  };
  expect(await from({})).toEqual([open]);
  expect(await from({ also: [ended, foreign, 'no id', 'swarm_0_000000000'] })).toEqual([ended, open].sort());
  expect(await from({ since: Date.now() - 60_000 })).toEqual([ended, open].sort());
  expect(await from({ since: Date.now() + 60_000 })).toEqual([open]);
});
