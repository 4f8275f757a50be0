import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeCertificate } from './certificate-files.ts';
import { openSocket } from './socket-client.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const KEY_CREATE = fileURLToPath(new URL('../src/keys/main.ts', import.meta.url));
const TOKEN_CREATE = fileURLToPath(new URL('../src/tokens/main.ts', import.meta.url));
const DEADLINE_MS = 20_000;

let redis: TestRedis;
const children: ChildProcess[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => redis?.stop());

interface Run {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  ended: Promise<number | null>;
  // biome-ignore lint/suspicious/noExplicitAny: a log line has any fields
  ready(): Promise<any>;
}

function run(env: Record<string, string>, main = MAIN, args: string[] = []): Run {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      REDIS_URL: redis.url,
      REDIS_PREFIX: redis.prefix,
      ...env,
    },
  });
  children.push(child);
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = () =>
    text.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return {
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    ready: () =>
      waitFor(() => lines().find((line) => line.event === 'process.ready'), {
        deadlineMs: DEADLINE_MS,
        what: 'the ready line',
      }),
  };
}

test('says where it serves, warns when it is open, and ends cleanly on SIGTERM', async () => {
  const api = run({ HEALTH_PORT: '0' });
  const line = await api.ready();
  expect(line.ports).toEqual({ http: expect.any(Number), health: expect.any(Number) });
  expect(line.urls).toEqual({
    api: `http://127.0.0.1:${line.ports.http}`,
    docs: `http://127.0.0.1:${line.ports.http}/docs`,
    queues: `http://127.0.0.1:${line.ports.http}/admin/queues`,
  });
  expect(api.stdout()).toContain('AUTHENTICATION IS OFF');
  expect((await fetch(`${line.urls.api}/api/health`)).status).toBe(200);
  const probe = await fetch(`http://127.0.0.1:${line.ports.health}/readyz`);
  expect([probe.status, await probe.json()]).toEqual([200, { ready: true }]);
  const socket = await openSocket(line.urls.api);
  api.child.kill('SIGTERM');
  expect((await socket.closed()).code).toBe(1012);
  expect(await api.ended).toBe(0);
  expect(api.stderr()).toBe('');
});

test('told to stop, it says so and serves on, each answer the last of its connection; a second signal ends it at once', async () => {
  const api = run({ HEALTH_PORT: '0', SHUTDOWN_DELAY: '600000' });
  const { ports, urls } = await api.ready();
  const open = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (path: string, agent?: Agent) => askOnce(`${urls.api}${path}`, agent);
  const kept = await ask('/api/swarms', open);
  expect([kept.status, kept.connection]).toEqual([200, 'keep-alive']);
  const socket = await openSocket(urls.api);

  api.child.kill('SIGTERM');
  await waitFor(async () => (await ask('/readyz')).status === 503, {
    deadlineMs: DEADLINE_MS,
    what: 'readiness',
  });
  expect((await fetch(`http://127.0.0.1:${ports.health}/readyz`)).status).toBe(503);
  expect((await ask('/livez')).status).toBe(200);
  // On the connection that was kept, on a new one, and what is refused.
  expect(await ask('/api/swarms', open)).toEqual({ status: 200, connection: 'close' });
  expect(await ask('/api/swarms', open)).toEqual({ status: 200, connection: 'close' });
  expect(await ask('/nowhere')).toEqual({ status: 404, connection: 'close' });
  socket.send({ type: 'ping' });
  await socket.frame((frame) => frame.type === 'pong', 'an answer over the open socket');

  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(130);
});

function askOnce(
  url: string,
  agent?: Agent,
): Promise<{ status: number | undefined; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get(url, agent === undefined ? {} : { agent }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection }),
      );
    }).once('error', reject);
  });
}

test('a port that is taken: one sentence with the port and the variable', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await waitFor(() => other.listening, { deadlineMs: 5_000, what: 'the other server' });
  const { port } = other.address() as AddressInfo;
  const api = run({ PORT: String(port) });
  expect(await api.ended).toBe(1);
  expect(api.stderr()).toBe(
    `api: Port ${port} on 127.0.0.1 is already in use (EADDRINUSE). Stop what uses it, or set PORT to another port.\n`,
  );
  other.close();
});

test('no Redis: one sentence with its address and what to do', async () => {
  const api = run({ REDIS_URL: 'redis://user:hidden@127.0.0.1:1' });
  expect(await api.ended).toBe(1);
  expect(api.stderr()).toMatch(
    /^api: Redis cannot be reached at redis:\/\/127\.0\.0\.1:1.* set REDIS_URL\.\n$/,
  );
  expect(api.stderr()).not.toContain('hidden');
});

test('faults of the environment: all at once, by name', async () => {
  const api = run({ PORT: 'eighty', WS_HEARTBEAT: '1', JWT_SECRET: 'short', AUTH_ENABLED: 'perhaps' });
  expect(await api.ended).toBe(1);
  for (const name of ['PORT', 'WS_HEARTBEAT', 'JWT_SECRET', 'AUTH_ENABLED'])
    expect(api.stderr()).toContain(`  ${name}: `);
  expect(api.stderr().trim().split('\n')).toHaveLength(5);
});

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function fetchJson(url: string, init: RequestInit): Promise<any> {
  return (await fetch(url, init)).json();
}

describe('the first key', () => {
  test('a token by the command is good where the secret is the same, for what it says', async () => {
    const secret = { JWT_SECRET: 'a secret of at least thirty-two bytes', JWT_ISSUER: 'tests' };
    const none = run({}, TOKEN_CREATE, ['--subject', 'alice']);
    expect(await none.ended).toBe(1);
    expect(none.stderr()).toContain('JWT_SECRET is needed');
    const wrong = run(secret, TOKEN_CREATE, ['--subject', 'alice', '--permissions', 'all']);
    expect(await wrong.ended).toBe(2);
    const made = run(secret, TOKEN_CREATE, ['--subject', 'alice', '--permissions', 'swarms:read']);
    expect(await made.ended).toBe(0);
    const api = run({
      ...secret,
      REDIS_PREFIX: `${redis.prefix}-token`,
      HOST: '127.0.0.1',
      AUTH_ENABLED: 'true',
    });
    const { urls } = await api.ready();
    const ask = (path: string, method = 'GET') =>
      fetch(`${urls.api}${path}`, { method, headers: { authorization: `Bearer ${made.stdout().trim()}` } });
    expect((await ask('/api/swarms')).status).toBe(200);
    expect((await ask('/api/swarm/create', 'POST')).status).toBe(403);
    api.child.kill('SIGTERM');
    expect(await api.ended).toBe(0);
  });

  test('nobody could come in: refused, with the command that makes a key; then it starts', async () => {
    const env = { REDIS_PREFIX: `${redis.prefix}-first`, HOST: '127.0.0.1', AUTH_ENABLED: 'true' };
    const keyless = run(env);
    expect(await keyless.ended).toBe(1);
    expect(keyless.stderr()).toMatch(
      /^api: The environment is not usable:\n {2}AUTH_ENABLED: .*key:create --admin/,
    );

    const made = run(env, KEY_CREATE, ['--name', 'ops', '--admin']);
    expect(await made.ended).toBe(0);
    const key = made.stdout().trim();
    expect(made.stdout()).toMatch(/^cf_[0-9a-f]{64}\n$/);
    expect(made.stderr()).toMatch(
      /^Made key_[0-9a-f]{24} \(ops\) at redis:.* an administrator\. Keep the key/,
    );
    expect(made.stderr()).not.toContain(key);

    const api = run({ ...env, LOG_LEVEL: 'trace' });
    const { urls } = await api.ready();
    const asAdmin = { headers: { 'x-api-key': key, 'content-type': 'application/json' } };
    const listed = await fetchJson(`${urls.api}/api/keys`, asAdmin);
    expect(listed.keys).toMatchObject([{ name: 'ops', owner: 'ops', admin: true }]);
    const body = JSON.stringify({ name: 'second', owner: 'team-a' });
    const second = await fetchJson(`${urls.api}/api/keys`, { ...asAdmin, method: 'POST', body });
    expect((await fetch(`${urls.api}/api/swarms`, { headers: { 'x-api-key': second.key } })).status).toBe(
      200,
    );
    api.child.kill('SIGTERM');
    expect(await api.ended).toBe(0);
    expect(api.stdout()).toContain('key.created');
    for (const secret of [key, second.key]) expect(api.stdout()).not.toContain(secret.slice(3, 20));
  });

  test('owner, permissions and end as asked; a use at the last moment is written down', async () => {
    const env = { REDIS_PREFIX: `${redis.prefix}-asked`, HOST: '127.0.0.1', AUTH_ENABLED: 'true' };
    const args = ['--owner', 'team-a', '--permissions', 'swarms:read,keys:manage', '--days', '2'];
    const made = run(env, KEY_CREATE, args);
    expect(await made.ended).toBe(0);
    const key = made.stdout().trim();
    const asked = async () => {
      const api = run(env);
      const { urls } = await api.ready();
      const { keys } = await fetchJson(`${urls.api}/api/keys`, { headers: { 'x-api-key': key } });
      api.child.kill('SIGTERM');
      expect(await api.ended).toBe(0);
      return keys[0];
    };
    const first = await asked();
    expect(first).toMatchObject({
      owner: 'team-a',
      permissions: ['swarms:read', 'keys:manage'],
      admin: false,
    });
    expect(Date.parse(first.expiresAt) - Date.parse(first.createdAt)).toBe(2 * 24 * 3_600_000);
    expect((await asked()).useCount).toBeGreaterThan(0);
  });

  test.each([
    [['--permissions', 'fly'], 2, '--permissions takes'],
    [['--days', 'soon'], 2, '--days takes'],
    [['--name', ''], 2, '--name takes'],
    [['--key', 'cf_mine'], 2, 'Unknown option'],
  ])('%j: exit %i', async (args, code, sentence) => {
    const made = run({}, KEY_CREATE, args);
    expect(await made.ended).toBe(code);
    expect(made.stderr()).toContain(sentence);
    expect(made.stdout()).toBe('');
  });

  test('without Redis: one sentence', async () => {
    const made = run({ REDIS_URL: 'redis://user:hidden@127.0.0.1:1' }, KEY_CREATE, ['--admin']);
    expect(await made.ended).toBe(1);
    expect(made.stderr()).toMatch(/^key:create: Redis cannot be reached/);
    expect(made.stderr() + made.stdout()).not.toContain('hidden');
  });
});

test('production: a Redis that evicts is refused at boot, beside whatever else is wrong with it', async () => {
  const evicting = await startTestRedis({
    extraArgs: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
  });
  const env = { REDIS_URL: evicting.url, HOST: '127.0.0.1', AUTH_ENABLED: 'true' };
  const refused = run({ ...env, NODE_ENV: 'production' });
  expect(await refused.ended).toBe(1);
  expect(refused.stderr()).toMatch(/AUTH_ENABLED: .*\n {2}REDIS_URL: .*allkeys-lru.*noeviction/);
  const development = run({ ...env, API_KEYS: 'key-a' });
  const { urls } = await development.ready();
  expect((await fetch(`${urls.api}/readyz`)).status).toBe(503);
  await evicting.stop();
});

test('a renewed certificate is taken up on SIGHUP', async () => {
  await using folder = await createTempFolder();
  const files = await writeCertificate(folder.path);
  const api = run({ TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile });
  const { urls, ports } = await api.ready();
  expect(urls.api).toBe(`https://127.0.0.1:${ports.http}`);
  const trusts = (ca: string) =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: ports.http, ca }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  expect(await trusts(files.cert)).toBe(true);
  await files.renew();
  api.child.kill('SIGHUP');
  await waitFor(() => trusts(files.cert), { deadlineMs: DEADLINE_MS, what: 'the new certificate' });
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
});

test('no key ever reaches the log', async () => {
  const key = 'planted-key-0000000001';
  const secret = 'a planted secret of thirty-two bytes';
  const env = {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: key,
    JWT_SECRET: secret,
    LOG_LEVEL: 'trace',
  };
  const api = run(env);
  const { urls } = await api.ready();
  await fetch(`${urls.api}/api/swarms?ticket=planted-ticket`, { headers: { 'x-api-key': key } });
  await fetch(`${urls.api}/api/swarms`, { headers: { authorization: `Bearer ${key}` } });
  await fetch(`${urls.api}/ws?ticket=planted-ticket`);
  const headers = { accept: 'text/event-stream' };
  await fetch(`${urls.api}/api/swarm/swarm_mdnsk2o1_4ixwmn7rj/events?ticket=planted-ticket`, { headers });
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
  expect(api.stdout()).toContain('"event":"http.request"');
  expect(api.stdout()).not.toMatch(/planted/);
});
