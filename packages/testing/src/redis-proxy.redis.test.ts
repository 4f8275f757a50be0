import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from './redis.ts';
import { type RedisProxy, startRedisProxy } from './redis-proxy.ts';
import { waitFor } from './wait-for.ts';

let redis: TestRedis;
let direct: Redis;
let owner: Redis;
let proxy: RedisProxy;
let killed: number;

beforeEach(async () => {
  redis = await startTestRedis({ ownServer: true });
  direct = new Redis(redis.url);
  killed = 0;
  proxy = await startRedisProxy({
    targetPort: Number(new URL(redis.url).port),
    kill: () => {
      killed += 1;
      owner.disconnect();
    },
  });
  owner = new Redis(proxy.url, {
    retryStrategy: () => null,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  owner.on('error', () => {});
  await owner.ping();
  proxy.resetCount();
});
afterEach(async () => {
  owner.disconnect();
  direct.disconnect();
  await proxy.close();
  await redis.stop();
});

/** Sends three commands at once, so that they arrive in one piece. */
function three(): Promise<unknown>[] {
  const sent = [owner.rpush('list', 'one'), owner.rpush('list', 'two'), owner.rpush('list', 'three')];
  for (const one of sent) one.catch(() => {});
  return sent;
}

test('before the second command: the first one counts, the owner is killed', async () => {
  const sprung = proxy.trap({ n: 2, act: 'kill-before' });
  const sent = three();
  expect((await sprung).command).toMatchObject({ name: 'RPUSH', args: ['list', 'two'] });
  expect(killed).toBe(1);
  await expect(sent[1]).rejects.toThrow();
  expect(await direct.lrange('list', 0, -1)).toEqual(['one']);
});

test('after the second command: it is executed, its reply never comes', async () => {
  const sprung = proxy.trap({ n: 2, act: 'kill-after' });
  const sent = three();
  expect((await sprung).count).toBe(2);
  expect(killed).toBe(1);
  await expect(sent[1]).rejects.toThrow();
  expect(await direct.lrange('list', 0, -1)).toEqual(['one', 'two']);
});

test('hold: what is held arrives, in order, when the mode is set', async () => {
  const sprung = proxy.trap({ n: 1, match: (command) => command.args[1] === 'two', act: 'hold' });
  const sent = three();
  await sprung;
  expect(await sent[0]).toBe(1);
  expect(killed).toBe(0);
  expect(await direct.lrange('list', 0, -1)).toEqual(['one']);
  proxy.mode('pass');
  expect(await Promise.all(sent)).toEqual([1, 2, 3]);
  expect(await owner.lrange('list', 0, -1)).toEqual(['one', 'two', 'three']);
});

test('a trap is disarmed only while its command has not come', async () => {
  void proxy.trap({ n: 2, act: 'kill-after' });
  await owner.ping();
  expect(proxy.disarm()).toBe(true);
  await owner.ping();
  const sprung = proxy.trap({ n: 1, act: 'kill-after' });
  const [, , third] = three();
  await waitFor(async () => (await direct.llen('list')) > 0, { deadlineMs: 5_000, what: 'the command' });
  expect(proxy.disarm()).toBe(false);
  await sprung;
  expect(killed).toBe(1);
  await expect(third).rejects.toThrow();
});

test('withheld replies: the command is executed, and its answer comes later', async () => {
  proxy.withholdReplies(true);
  let answered = false;
  const sent = owner.incr('counter').then((value) => {
    answered = true;
    return value;
  });
  await waitFor(async () => (await direct.get('counter')) === '1', {
    deadlineMs: 5_000,
    what: 'the command',
  });
  expect(answered).toBe(false);
  proxy.withholdReplies(false);
  expect(await sent).toBe(1);
});

test('commands are counted over all connections', async () => {
  const other = new Redis(proxy.url, { enableReadyCheck: false, disableClientInfo: true });
  await other.ping();
  proxy.resetCount();
  await Promise.all([...three(), other.ping()]);
  expect(proxy.count).toBe(4);
  other.disconnect();
});
