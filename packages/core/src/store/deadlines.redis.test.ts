import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSwarmRecord } from '../../test/ledger-fixture.ts';
import { createDeadlines, type Deadlines } from '../redis/clock.ts';
import { connectRedis, type RedisClient } from '../redis/connect.ts';
import { buildLibrary, readScripts } from '../redis/library.ts';
import { OUTCOME } from '../redis/outcomes.ts';
import { loadQueueScripts } from '../redis/queue-scripts.ts';
import { createLedger, type Ledger, write } from './ledger.ts';
import { createSwarm, deleteSwarm, getSwarm, pauseSwarm, startSwarm } from './swarms.ts';

const LIMIT_MS = 5_000;

let server: TestRedis;
let redis: RedisClient;
beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectRedis({ url: server.url, name: 'clock-test', mode: 'patient' });
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

const redisNow = async () => {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
};
const over: Deadlines = { limitMs: LIMIT_MS, next: () => '1', distrust: () => undefined };
const ledgerWith = (deadlines?: Deadlines): Ledger =>
  createLedger({ redis, prefix: server.prefix, ...(deadlines === undefined ? {} : { deadlines }) });
const refusal = { code: 'redis_unavailable', message: expect.stringContaining('too late'), retryable: true };

test('a deadline is the limit from now by the clock of Redis, and never later', async () => {
  const deadlines = createDeadlines(redis, { limitMs: LIMIT_MS });
  for (let round = 0; round < 50; round += 1) {
    const before = await redisNow();
    const until = Number(await deadlines.next());
    expect(until).toBeLessThanOrEqual((await redisNow()) + LIMIT_MS);
    expect(until).toBeGreaterThan(before);
  }
});

test('once the clock is known, a deadline costs no round trip', async () => {
  const deadlines = createDeadlines(redis, { limitMs: LIMIT_MS });
  expect(deadlines.next()).toBeInstanceOf(Promise);
  await deadlines.next();
  expect(deadlines.next()).toEqual(expect.any(String));
});

test('a reading that is too old is not relied upon', async () => {
  let now = 0;
  const deadlines = createDeadlines(redis, { limitMs: LIMIT_MS, now: () => now });
  await deadlines.next();
  now += 60_000;
  expect(deadlines.next()).toBeInstanceOf(Promise);
});

test('a clock of Redis that was set forward refuses nobody: it is read anew and the command sent again', async () => {
  let behind = 0;
  const deadlines = createDeadlines(redis, { limitMs: LIMIT_MS, now: () => performance.now() - behind });
  const ledger = ledgerWith(deadlines);
  const swarm = newSwarmRecord();
  await createSwarm(ledger, swarm, Date.now());
  // As much as if Redis's clock had made a step ahead.
  behind = 3_600_000;
  await expect(startSwarm(ledger, swarm.id)).resolves.toBe('planning');
  behind *= 2;
  await expect(write(ledger, `${server.prefix}:a`, ['SET', 'x'])).resolves.toBe('OK');
});

test('a clock of Redis that was set back is noticed with the next reading', async () => {
  let ahead = 0;
  const deadlines = createDeadlines(redis, { limitMs: LIMIT_MS, now: () => performance.now() + ahead });
  await deadlines.next();
  ahead = 3_600_000;
  expect(Number(await deadlines.next())).toBeLessThanOrEqual((await redisNow()) + LIMIT_MS);
});

const scripts = readScripts();
const library = buildLibrary(scripts, 1_000);

test.each([...scripts.keys()])('%s: refused after its deadline, whatever else it is given', async (name) => {
  await write(ledgerWith(), `${server.prefix}:any`, ['SET', 'the library is loaded']);
  await redis.function('LOAD', 'REPLACE', library.source);
  const { keys = [], argv = [] } = scripts.get(name) ?? {};
  const late = [
    library.functionName(name),
    keys.length,
    ...keys.map((key) => `${server.prefix}:${key}`),
    '1',
  ];
  expect(await redis.call('fcall', [...late, ...argv.map(() => '0')])).toEqual([OUTCOME.tooLate]);
});

test('scripts beside the queues are refused too', async () => {
  const late = loadQueueScripts(redis, `{${server.prefix}-queue}`, over);
  for (const name of late.names) {
    const args = Object.fromEntries(late.get(name).argv.map((arg) => [arg, '0']));
    await expect(late.run(name, args, 'swarm_a_000000000.task_001.1')).rejects.toMatchObject(refusal);
  }
});

test('plain commands after their deadline change nothing', async () => {
  const key = `${server.prefix}:plain`;
  await expect(write(ledgerWith(over), key, ['SET', 'late'])).rejects.toMatchObject(refusal);
  expect(await redis.exists(key)).toBe(0);
  await write(ledgerWith(), key, ['HSET', 'a', 1, 'b', 2], ['PEXPIREAT', Date.now() + 60_000]);
  expect(await redis.hgetall(key)).toEqual({ a: '1', b: '2' });
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});

test('a late command leaves a swarm as it was', async () => {
  const swarm = newSwarmRecord();
  await createSwarm(ledgerWith(), swarm, Date.now());
  const before = await getSwarm(ledgerWith(), swarm.id);
  await expect(pauseSwarm(ledgerWith(over), swarm.id)).rejects.toMatchObject(refusal);
  await expect(startSwarm(ledgerWith(over), swarm.id)).rejects.toMatchObject(refusal);
  expect(await getSwarm(ledgerWith(), swarm.id)).toEqual(before);
});

test('the id of a deleted swarm does not come back', async () => {
  const ledger = ledgerWith();
  const swarm = newSwarmRecord();
  await createSwarm(ledger, swarm, Date.now());
  await deleteSwarm(ledger, swarm.id);
  await expect(createSwarm(ledger, swarm, Date.now())).rejects.toMatchObject({ code: 'swarm_not_found' });
  expect(await getSwarm(ledger, swarm.id)).toBeUndefined();
  const { keys } = ledger;
  for (const index of [keys.activeSwarms, keys.allSwarms, keys.ownerSwarms(swarm.owner)])
    expect(await redis.zscore(index, swarm.id)).toBeNull();
});
