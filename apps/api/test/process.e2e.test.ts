import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openSocket } from './socket-client.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
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

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN], {
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
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
  expect(api.stdout()).toContain('"event":"http.request"');
  expect(api.stdout()).not.toMatch(/planted/);
});
