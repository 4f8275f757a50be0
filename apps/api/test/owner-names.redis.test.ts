import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { askApproval } from '@claude-flow/core/store/approvals';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadApiConfig } from '../src/config/config.ts';
import { type RunningApi, startApi } from '../src/start-api.ts';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { openSocket } from './socket-client.ts';
import { openLedger, startTestApi } from './test-api.ts';

const USER = 'user-key-000000000001';
const ADMIN = 'admin-key-00000000003';
const digestOf = (key: string) => createHash('sha256').update(key).digest('hex');
/** As every release has stored it. */
const storedOwner = (key: string) => `key:${digestOf(key).slice(0, 32)}`;
/** Parts of this length are long enough not to be met by chance. */
const PART = 10;

let redis: TestRedis;
let ledger: Ledger;
let api: RunningApi;
let folder: string;
/** All that left the API, from its first line on. */
const seen: string[] = [];

const start = () => {
  const config = loadApiConfig({
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    PORT: '0',
    AUTH_ENABLED: 'true',
    API_KEYS: USER,
    ADMIN_API_KEYS: ADMIN,
    ACCESS_LOG: join(folder, 'access.log'),
    LOG_LEVEL: 'debug',
  });
  const destination = { write: (line: string) => void seen.push(line) };
  return startApi(config, createLogger({ service: 'api', level: 'trace', destination }));
};

async function ask(key: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  seen.push(JSON.stringify([...response.headers]), text);
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
  const json: any = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status: response.status, json };
}

beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis);
  folder = await mkdtemp(join(tmpdir(), 'owner-names-'));
  api = await start();
});
afterAll(async () => {
  await api?.close();
  ledger?.redis.disconnect();
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A swarm of the user's with an approval that the user has decided. */
async function busySwarm(): Promise<{ swarmId: string; approvalId: string }> {
  const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
  const { swarmId } = (await ask(USER, 'POST', '/api/swarm/create', body)).json;
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine' };
  await waitFor(
    async () => {
      await dispatchTasks(ledger, swarmId, 1);
      return (await claimTask(ledger, { ...wish, workerId: 'w' })).claimed;
    },
    { deadlineMs: 5_000, what: 'the task to be claimed' },
  );
  await askApproval(ledger, wish, [
    { kind: 'tool', turn: 1, callId: 'a', tool: 'write_file', input: { path: 'a.md' } },
  ]);
  const { approvals } = (await ask(USER, 'GET', `/api/swarm/${swarmId}/approvals`)).json;
  const approvalId: string = approvals[0].id;
  const decided = await ask(USER, 'POST', `/api/swarm/${swarmId}/approvals/${approvalId}`, {
    decision: 'approve',
  });
  expect(decided.json.data.decidedBy).toMatch(/^env:[0-9a-f]{16}$/);
  return { swarmId, approvalId };
}

test('no answer, event, log line or figure holds a part of the digest of a key of the environment', async () => {
  const { swarmId, approvalId } = await busySwarm();
  const made = await ask(ADMIN, 'POST', '/api/keys', { name: 'of the administrator' });
  expect(made.status).toBe(201);
  // As an earlier release wrote it down.
  await ledger.redis.hset(ledger.keys.apiKey(made.json.keyId), 'createdBy', storedOwner(ADMIN));
  const listed = (await ask(ADMIN, 'GET', '/api/keys')).json.keys;
  expect(listed[0]).toMatchObject({ owner: made.json.data.owner, createdBy: made.json.data.owner });

  const socket = await openSocket(api.url, { headers: { 'x-api-key': ADMIN } });
  socket.send({ type: 'subscribe', swarmId, after: 0 });
  await socket.frame((frame) => JSON.stringify(frame).includes('approval.decided'), 'the decision');
  seen.push(JSON.stringify(socket.frames));
  socket.close();

  const { paths } = (await ask(ADMIN, 'GET', '/openapi.json')).json;
  const ids: Record<string, string> = { id: swarmId, approvalId, taskId: 'task_001', agentId: 'agent_001' };
  for (const [path, methods] of Object.entries(paths as Record<string, object>)) {
    if (!('get' in methods)) continue;
    const filled = path.replace(/\{([^}]+)\}/g, (_all, name) => ids[name] ?? 'x');
    for (const key of [USER, ADMIN]) await ask(key, 'GET', filled);
  }
  const all = (await ask(ADMIN, 'GET', '/api/swarms?scope=all')).json.swarms;
  expect(all[0].owner).toMatch(/^env:[0-9a-f]{16}$/);
  await ask(ADMIN, 'DELETE', `/api/keys/${made.json.keyId}`);
  await ask(USER, 'DELETE', `/api/swarm/${swarmId}`);

  const lines = await waitFor(
    async () => {
      const text = await readFile(join(folder, 'access.log'), 'utf8');
      return text.includes(`"DELETE /api/swarm/${swarmId}`) ? text : undefined;
    },
    { deadlineMs: 5_000, what: 'the access log' },
  );
  expect(lines).toContain('env:');
  const everything = [...seen, lines].join('\n');
  const found = [USER, ADMIN].flatMap((key) => {
    const digest = digestOf(key);
    const parts = Array.from({ length: digest.length - PART + 1 }, (_, at) => digest.slice(at, at + PART));
    return parts.filter((part) => everything.includes(part));
  });
  expect(found).toEqual([]);
  expect(everything).toContain(swarmId);
});

test('the name is the same in every process, and means the same owner when a key is made with it', async () => {
  const body = { objective: OBJECTIVE };
  const { swarmId } = (await ask(USER, 'POST', '/api/swarm/create', body)).json;
  const nameOf = async () => {
    const { swarms } = (await ask(ADMIN, 'GET', '/api/swarms?scope=all')).json;
    return swarms.find((swarm: { swarmId: string }) => swarm.swarmId === swarmId).owner as string;
  };
  const owner = await nameOf();
  await api.close();
  api = await start();
  expect(await nameOf()).toBe(owner);

  // The way to replace a key of the environment, or to give somebody else its swarms.
  for (const name of [owner, storedOwner(USER)]) {
    const made = await ask(ADMIN, 'POST', '/api/keys', { name: 'successor', owner: name });
    expect([made.status, made.json.data.owner]).toEqual([201, owner]);
    expect((await ask(made.json.key, 'GET', `/api/swarm/${swarmId}`)).status).toBe(200);
  }
});

test('a name that no key of the environment ever had is refused, and tells others nothing', async () => {
  const wish = { name: 'x', owner: 'env:0123456789abcdef' };
  const { status, json } = await ask(ADMIN, 'POST', '/api/keys', wish);
  expect([status, json.details[0].field]).toEqual([400, 'owner']);
  expect(json.message).toContain('no key of the environment has the name env:0123456789abcdef');
  const lesser = await ask(ADMIN, 'POST', '/api/keys', {
    name: 'y',
    owner: 'team-a',
    permissions: ['keys:manage'],
  });
  expect((await ask(lesser.json.key, 'POST', '/api/keys', { name: 'z', owner: wish.owner })).status).toBe(
    403,
  );
});

test('swarms that an earlier release stored under the digest are still their owner’s', async () => {
  const { swarmId } = (await ask(USER, 'POST', '/api/swarm/create', { objective: OBJECTIVE })).json;
  expect(await ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'owner')).toBe(storedOwner(USER));
});

test('an API starts while Redis takes no writes, and its names are those of all others as soon as it does', async () => {
  const own = await startTestRedis({ ownServer: true });
  const admin = await openLedger(own);
  // No replica is there, so that every write is refused.
  await admin.redis.config('SET', 'min-replicas-to-write', '1');
  const late = await startTestApi(own, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: 'a-key-of-the-environment-1',
  });
  try {
    await admin.redis.config('SET', 'min-replicas-to-write', '0');
    const names = () => admin.redis.hgetall(admin.keys.ownerNames);
    await waitFor(async () => Object.keys(await names()).length > 1, {
      deadlineMs: 20_000,
      what: 'the API to share its names',
    });
    const { json } = await late.call('/api/usage', { key: 'a-key-of-the-environment-1' });
    expect(Object.keys(await names())).toContain(json.owner);
  } finally {
    await late.api.close();
    admin.redis.disconnect();
    await own.stop();
  }
});
