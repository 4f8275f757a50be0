import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());

/** Runs a process that must not come up, and gives what it said on stderr. */
async function refusal(kind: keyof typeof repositoryEntries, env: Record<string, string>) {
  const child = startProcess({ name: kind, entry: repositoryEntries[kind], env });
  child.ready.catch(() => undefined);
  const { code } = await child.exited;
  const said = child.lines().filter((line) => line.stream === 'stderr');
  return { code, lines: said.map((line) => line.text), text: said.map((line) => line.text).join('\n') };
}

const offline = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', ANTHROPIC_API_KEY: 'simulated' };

test.each(['api', 'scheduler', 'worker'] as const)(
  '%s without Redis: one clear sentence, exit 1',
  async (kind) => {
    const port = await freePort();
    const { code, lines } = await refusal(kind, {
      ...offline,
      PORT: '0',
      REDIS_URL: `redis://:s3cret@127.0.0.1:${port}`,
    });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`127.0.0.1:${port}`);
    expect(lines[0]).toContain('REDIS_URL');
    expect(lines[0]).not.toContain('s3cret');
  },
);

test.each([
  ['api', { PORT: '70000', REDIS_URL: 'ftp://x', JWT_SECRET: 'short', AUTH_ENABLED: 'perhaps' }],
  ['scheduler', { REDIS_URL: 'ftp://x', LOG_LEVEL: 'loud', HEALTH_PORT: 'none', MAX_CONCURRENT_PLANS: '-1' }],
  ['worker', { REDIS_URL: 'ftp://x', LOG_LEVEL: 'loud', HEALTH_PORT: 'none', MAX_CONCURRENT_TASKS: '0' }],
  ['mock', { MOCK_PORT: '70000', MOCK_LATENCY_MS: 'slow' }],
] as const)('%s with a bad environment: every fault at once, exit 1', async (kind, env) => {
  const { code, text } = await refusal(kind, env);
  expect(code).toBe(1);
  for (const name of Object.keys(env)) expect(text).toContain(name);
  expect(text).not.toContain('    at ');
});

test.each([
  ['api', 'PORT'],
  ['mock', 'MOCK_PORT'],
  ['mock', 'HEALTH_PORT'],
  ['worker', 'HEALTH_PORT'],
  ['scheduler', 'HEALTH_PORT'],
] as const)('%s with its port taken: a sentence with the port and %s', async (kind, variable) => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });
  const rest = { PORT: '0', MOCK_PORT: '0', HOST: '127.0.0.1' };
  const env = { ...offline, REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, ...rest };
  const { code, lines } = await refusal(kind, { ...env, [variable]: String(port) });
  taken.close();
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(String(port));
  expect(lines[0]).toContain(variable);
});

test.each(['scheduler', 'worker'] as const)(
  '%s without a key for the real provider says what to set',
  async (kind) => {
    const { code, text } = await refusal(kind, { REDIS_URL: redis.url });
    expect(code).toBe(1);
    expect(text).toContain('ANTHROPIC_API_KEY');
  },
);

test('the API in production on a public address without authentication refuses to start', async () => {
  const env = { NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '0', REDIS_URL: redis.url };
  const { code, text } = await refusal('api', env);
  expect(code).toBe(1);
  expect(text).toContain('AUTH_ENABLED');
});

test.each(['api', 'scheduler', 'worker', 'mock'] as const)(
  '%s serves its probes and metrics on HEALTH_PORT',
  async (kind) => {
    const rest = { PORT: '0', MOCK_PORT: '0', HEALTH_PORT: '0', HOST: '127.0.0.1' };
    const env = { ...offline, REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, ...rest };
    const child = startProcess({ name: kind, entry: repositoryEntries[kind], env });
    await child.ready;
    const get = (path: string) => fetch(`http://127.0.0.1:${child.ports.health}${path}`);
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toContain('process_cpu_seconds_total');
    await child.stop();
  },
);

test.each(['api', 'scheduler', 'worker'] as const)(
  '%s ends when it is told to, also when nobody reads its log any more',
  async (kind) => {
    const rest = { PORT: '0', HOST: '127.0.0.1', PATH: process.env['PATH'] ?? '' };
    const env = { ...offline, REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, ...rest };
    const child = spawn(process.execPath, [repositoryEntries[kind]], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = new Promise<number | null>((resolve) => {
      child.on('exit', (code) => resolve(code));
    });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        if (String(chunk).includes('process.ready')) resolve();
      });
    });
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  },
  40_000,
);
