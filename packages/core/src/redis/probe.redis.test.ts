import { readFileSync } from 'node:fs';
import { startTestRedis } from '@claude-flow/testing/redis';
import { startTestRedisCluster } from '@claude-flow/testing/redis-cluster';
import { waitFor } from '@claude-flow/testing/wait-for';
import { Cluster, type Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { connectRedis, findRedis, type RedisClient } from './connect.ts';
import { createKeys } from './keys.ts';
import { createRedisProbe } from './readiness.ts';
import { accessRule, NEEDED_COMMANDS } from './rights.ts';
import { loadScripts } from './scripts.ts';

const keys = createKeys('cf');
const scripts = loadScripts(keys);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function server(extraArgs: string[] = []) {
  const redis = await startTestRedis({ ownServer: true, extraArgs });
  ends.push(() => redis.stop());
  return redis;
}

async function open(url: string): Promise<RedisClient> {
  const redis = await connectRedis({ url, name: 'probe-test', mode: 'patient' });
  ends.push(() => redis.disconnect());
  return redis;
}

const probeOf = (redis: RedisClient) => createRedisProbe({ redis, keys, scripts });

/** What boot and readiness say of a Redis. */
async function said(redis: RedisClient) {
  const warnings: string[] = [];
  const refused = await probeOf(redis)
    .prove((sentence) => warnings.push(sentence))
    .then(
      () => undefined,
      (error: Error) => error.message,
    );
  const { reason } = await probeOf(redis).readiness();
  return { refused, warnings, reason };
}

test('a Redis of the right kind passes, and nothing is left in it', async () => {
  const redis = await open((await server()).url);
  expect(await said(redis)).toEqual({ refused: undefined, warnings: [], reason: undefined });
  const left = async () => (await redis.keys('*')).length;
  await waitFor(async () => (await left()) === 0, { deadlineMs: 5_000, what: 'nothing to be left' });
});

test('one without functions is refused with the version that is needed', async () => {
  const rename = ['--rename-command', 'FUNCTION', '', '--rename-command', 'FCALL', ''];
  const { refused, reason } = await said(await open((await server(rename)).url));
  for (const sentence of [refused, reason]) expect(sentence).toMatch(/FCALL.*Redis 7\.0 or newer/);
});

test('a database that does not exist is refused, and nothing is written to another one', async () => {
  const { url } = await server();
  const { refused, reason } = await said(await open(`${url}/99`));
  for (const sentence of [refused, reason]) expect(sentence).toMatch(/does not have the database/);
  expect(await (await open(url)).dbsize()).toBe(0);
});

test('a replica is refused', async () => {
  const [primary, replica] = [await server(), await server()];
  const redis = await open(replica.url);
  await (redis as Redis).replicaof('127.0.0.1', new URL(primary.url).port);
  const { refused, reason } = await said(redis);
  for (const sentence of [refused, reason]) expect(sentence).toMatch(/replica/);
});

test('redis+cluster:// for a server without a cluster is a sentence', async () => {
  const { url } = await server();
  const connecting = connectRedis({
    url: url.replace('redis:', 'redis+cluster:'),
    name: 'x',
    mode: 'prompt',
  });
  await expect(connecting).rejects.toThrow(/redis\+cluster:\/\/127\.0\.0\.1.*cluster support disabled/);
});

test('a full one is no reason to end, and is not ready', async () => {
  const redis = await open((await server(['--maxmemory', '1mb'])).url);
  const { refused, warnings, reason } = await said(redis);
  expect(refused).toBeUndefined();
  for (const sentence of [warnings[0], reason]) expect(sentence).toMatch(/OOM/);
});

test('a cluster behind a plain URL is used as the cluster that it is', async () => {
  const cluster = await startTestRedisCluster(2);
  ends.push(() => cluster.stop());
  const [node] = cluster.nodes;
  const options = { url: node?.url ?? '', name: 'probe-test', mode: 'patient' } as const;
  const { redis, url, note } = await findRedis(options);
  ends.push(() => redis.disconnect());
  expect(redis).toBeInstanceOf(Cluster);
  expect(url).toContain('redis+cluster://');
  expect(note).toContain('Write redis+cluster://127.0.0.1');
  expect(await said(redis)).toEqual({ refused: undefined, warnings: [], reason: undefined });
  await expect(findRedis({ ...options, url: `${node?.url}/0` })).resolves.toMatchObject({ note });
}, 60_000);

test('a cluster that serves a part of its keys only is not ready', async () => {
  const { url } = await server(['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no']);
  const redis = (await open(url)) as Redis;
  await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
  const info = async () => String(await redis.call('CLUSTER', 'INFO'));
  await waitFor(async () => (await info()).includes('cluster_state:ok'), {
    deadlineMs: 10_000,
    what: 'the cluster',
  });
  const { refused, warnings, reason } = await said(redis);
  expect(refused).toBeUndefined();
  for (const sentence of [warnings[0], reason]) expect(sentence).toMatch(/8192 of its 16384 slots/);
});

/** A user's connection under the rule, or a part of it. */
async function asUser(url: string, admin: RedisClient, rule: string[]): Promise<RedisClient> {
  await (admin as Redis).call('ACL', 'SETUSER', 'flow', 'reset', 'on', '>pw', ...rule);
  return open(url.replace('//', '//flow:pw@'));
}

test('under exactly the rule of docs/operations.md everything passes, and each lacking command is named', async () => {
  const { url } = await server();
  const admin = await open(url);
  const rule = accessRule(keys).split(' ');
  expect(readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')).toContain(
    accessRule(keys),
  );
  expect(await said(await asUser(url, admin, rule))).toMatchObject({ refused: undefined, warnings: [] });
  for (const command of NEEDED_COMMANDS) {
    const user = await asUser(
      url,
      admin,
      rule.filter((word) => word !== `+${command}`),
    );
    const refused = await probeOf(user)
      .prove(() => undefined)
      .then(
        () => 'not refused',
        (error: Error) => error.message,
      );
    expect(refused).toMatch(new RegExp(`may not use.*\\+${command.replace('|', '\\|')}(\\.| )`));
    user.disconnect();
  }
});

test.each(['~cf:*', '~{cf-queue}:*', '&cf:*', '&cf:{swarm_*}:events'])(
  'a user without %s is told of it',
  async (place) => {
    const { url } = await server();
    const rule = accessRule(keys).split(' ');
    const user = await asUser(
      url,
      await open(url),
      rule.filter((word) => word !== place),
    );
    const { refused, reason } = await said(user);
    for (const sentence of [refused, reason]) expect(sentence).toContain(place);
  },
);

test('a right that is taken away later is missed by readiness, and found again when it is given back', async () => {
  const { url } = await server();
  const admin = await open(url);
  const probe = probeOf(await asUser(url, admin, accessRule(keys).split(' ')));
  await probe.prove(() => undefined);
  const ready = async (wanted: boolean) =>
    waitFor(async () => (await probe.readiness()).ready === wanted, {
      deadlineMs: 15_000,
      what: `${wanted}`,
    });
  await ready(true);
  await (admin as Redis).call('ACL', 'SETUSER', 'flow', '-fcall');
  await ready(false);
  expect((await probe.readiness()).reason).toMatch(/fcall/i);
  await (admin as Redis).call('ACL', 'SETUSER', 'flow', '+fcall');
  await ready(true);
});
