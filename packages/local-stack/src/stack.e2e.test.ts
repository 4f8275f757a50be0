import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { isPortFree } from './processes/free-port.ts';
import { askRedisInfo } from './redis-server/ask-redis.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';
import { startDoomedParent } from './test-fixtures/doomed-parent.ts';
import { fixture } from './test-fixtures/fixture.ts';
import { isAlive } from './test-fixtures/is-alive.ts';

/** Stand-ins that behave as the real processes do: this tests how they are started, not what they do. */
const good = fixture('well-behaved');
const entries = { api: good, scheduler: good, worker: good, mock: good };

let stack: Stack | undefined;
afterEach(() => stack?.stop());

async function start(options: StackOptions = {}): Promise<Stack> {
  stack = await startStack({ entries, ...options });
  return stack;
}

const pidsOf = ({ apis, schedulers, workers, mock, redis }: Stack): number[] =>
  [...apis, ...schedulers, ...workers, mock, redis].flatMap((one) =>
    one?.pid === undefined ? [] : [one.pid],
  );

const envOf = async (url: string) => (await (await fetch(url)).json()) as Record<string, string>;

test('everything of the default stack runs and is told where the rest is; stop leaves nothing', async () => {
  const lines: string[] = [];
  const running = await start({
    model: { kind: 'mock', latencyMs: 3 },
    env: { REDIS_PREFIX: 'p' },
    envFor: { worker: { MAX_CONCURRENT_TASKS: '2' } },
    onLine: (line) => lines.push(`${line.process}: ${line.text}`),
  });
  expect([running.apis, running.schedulers, running.workers].map((list) => list.length)).toEqual([1, 1, 2]);
  expect(running.apiUrls).toEqual([running.apis[0]?.url]);
  const pids = pidsOf(running);
  expect(new Set(pids).size).toBe(6);
  expect(pids.every(isAlive)).toBe(true);

  const [worker] = running.workers;
  const shared = { REDIS_URL: running.redisUrl, REDIS_PREFIX: 'p' };
  const model = { ANTHROPIC_BASE_URL: running.mockUrl };
  expect(await envOf(worker?.url ?? '')).toMatchObject({ ...shared, ...model, MAX_CONCURRENT_TASKS: '2' });
  const apiEnv = await envOf(running.apiUrls[0] ?? '');
  expect(apiEnv).toMatchObject({ ...shared, AUTH_ENABLED: 'false' });
  expect(apiEnv).not.toHaveProperty('MAX_CONCURRENT_TASKS');
  expect(await envOf(running.mockUrl ?? '')).toMatchObject({ MOCK_LATENCY_MS: '3' });
  expect((await askRedisInfo(running.redis?.port ?? 0)).get('aof_enabled')).toBe('1');
  expect(lines).toContain(`worker-2: starting ${running.workers[1]?.pid} ${running.redisUrl}`);

  await running.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(running.redis?.dataDir ?? '')).toBe(false);
  const ends = lines.filter((line) => line.endsWith(': ending'));
  expect(ends.slice(0, 2)).toEqual(['api-1: ending', 'scheduler-1: ending']);
  expect(ends.slice(2, 4).sort()).toEqual(['worker-1: ending', 'worker-2: ending']);
  expect(ends[4]).toBe('mock-anthropic: ending');
  await running.stop();
});

test('more processes can be started later, with variables of their own, and are stopped as well', async () => {
  const running = await start({ workers: 0 });
  const worker = await running.startWorker({ MAX_CONCURRENT_TASKS: '9' });
  const api = await running.startApi();
  await running.startScheduler();
  expect(worker.name).toBe('worker-1');
  expect(await envOf(worker.url)).toMatchObject({ MAX_CONCURRENT_TASKS: '9', REDIS_URL: running.redisUrl });
  expect(running.apiUrls).toHaveLength(2);
  api.kill('SIGKILL');
  await api.exited;
  expect(running.apiUrls).toHaveLength(1);
  const pids = pidsOf(running);
  await running.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(running.startWorker()).rejects.toThrow('the stack is being stopped');
});

test('a given Redis and a real model: neither a private Redis nor the mock is started', async () => {
  const model = { kind: 'anthropic' as const, apiKey: 'k', baseUrl: 'http://127.0.0.1:1' };
  const running = await start({ redisUrl: 'redis://127.0.0.1:1/5', model });
  expect([running.redis, running.mock, running.mockUrl]).toEqual([undefined, undefined, undefined]);
  expect(await envOf(running.workers[0]?.url ?? '')).toMatchObject({
    REDIS_URL: 'redis://127.0.0.1:1/5',
    ANTHROPIC_API_KEY: 'k',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
  });
});

test('one that does not start: its own sentence, and everything else is stopped', async () => {
  const said: string[] = [];
  const onLine = ({ text }: { text: string }) => text.startsWith('starting ') && said.push(text);
  const failing = start({ entries: { ...entries, scheduler: fixture('fails-at-start') }, onLine });
  await expect(failing).rejects.toThrow(
    'scheduler-1 ended before its ready line: PORT 80 is already in use: set PORT to another one.',
  );
  const others = said.map((text) => text.split(' '));
  expect(others.length).toBeGreaterThan(0);
  expect(others.filter(([, pid]) => isAlive(Number(pid)))).toEqual([]);
  for (const [, , url] of others.filter(([, , redisUrl]) => redisUrl)) {
    expect(await isPortFree(Number(new URL(url ?? '').port))).toBe(true);
  }
});

test('a mock that does not start: its own sentence', async () => {
  await expect(start({ entries: { ...entries, mock: fixture('fails-at-start') } })).rejects.toThrow(
    'mock-anthropic ended before its ready line: PORT 80 is already in use: set PORT to another one.',
  );
});

test('watch keeps the ports of what listens', async () => {
  const running = await start({ workers: 1, watch: true });
  const [url = ''] = running.apiUrls;
  expect((await envOf(url))['PORT']).toBe(new URL(url).port);
  expect((await envOf(running.mockUrl ?? ''))['MOCK_PORT']).toBe(new URL(running.mockUrl ?? '').port);
});

test('nothing is left when the parent is killed with SIGKILL', async () => {
  const parent = await startDoomedParent('parent-of-stack');
  const { pids, folder = '' } = parent.said;
  expect(pids).toHaveLength(6);
  expect(pids.every(isAlive)).toBe(true);
  await parent.kill();
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});

test.skipIf(process.platform !== 'linux')('no process holds a secret that it does not use', async () => {
  const planted = 'planted-secret-of-the-parent';
  process.env['PLANTED_API_KEY'] = planted;
  process.env['ANTHROPIC_AUTH_TOKEN'] = planted;
  try {
    const running = await start({
      model: { kind: 'anthropic', apiKey: 'the-model-key', baseUrl: 'http://127.0.0.1:9' },
      envFor: { api: { API_KEYS: 'the-api-key' } },
    });
    const environOf = (pid: number | undefined) => readFileSync(`/proc/${pid}/environ`, 'utf8');
    const { apis, schedulers, workers, redis } = running;
    const [api, scheduler, worker] = [apis, schedulers, workers].map(([one]) => environOf(one?.pid));
    for (const environ of [api, scheduler, worker, environOf(redis?.pid)])
      expect(environ).not.toContain(planted);
    expect(environOf(redis?.pid)).not.toMatch(/KEY|REDIS_URL/);
    expect(api).toContain('the-api-key');
    expect(api).not.toContain('the-model-key');
    for (const environ of [scheduler, worker]) {
      expect(environ).toContain('the-model-key');
      expect(environ).not.toContain('the-api-key');
    }
  } finally {
    delete process.env['PLANTED_API_KEY'];
    delete process.env['ANTHROPIC_AUTH_TOKEN'];
  }
});
