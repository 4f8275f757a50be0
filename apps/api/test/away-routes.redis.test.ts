import { connectRedis } from '@claude-flow/core/redis/connect';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { startTcpProxy, type TcpProxy } from '@claude-flow/testing/tcp-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { description } from './described.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** How long a command waits here: long enough that a busy machine does not confuse one wait with two. */
const WAIT_MS = 2_000;
/** Routes that need nothing of Redis. */
const WITHOUT_REDIS = [
  '/',
  '/api/health',
  '/livez',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/scalar.js',
  '/ws',
];

let redis: TestRedis;
let way: TcpProxy;
let server: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis({ ownServer: true });
  way = await startTcpProxy({ targetPort: Number(new URL(redis.url).port) });
  const url = `redis://127.0.0.1:${way.port}`;
  server = await startTestApi(
    { url, prefix: redis.prefix },
    { RATE_LIMIT_MAX: '10000', LOG_LEVEL: 'silent' },
    { redisDeadlineMs: WAIT_MS },
  );
  swarmId = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId;
});
afterAll(async () => {
  way?.mode('pass');
  await server?.api.close();
  await way?.close();
  await redis?.stop();
});

/** Every described route that asks Redis something, called as far as possible with what it wants. */
const routes = Object.entries(description.paths)
  .filter(([path]) => !WITHOUT_REDIS.includes(path))
  .flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      body: bodyOf(requestBody?.content['application/json']),
    })),
  );

function bodyOf(
  media: { example?: unknown; examples?: Record<string, { value: unknown }> } | undefined,
): unknown {
  return media?.example ?? Object.values(media?.examples ?? {})[0]?.value;
}

const IDS: Record<string, () => string> = {
  swarmId: () => swarmId,
  id: () => swarmId,
  taskId: () => 'task_001',
  agentId: () => 'agent_001',
  approvalId: () => 'approval_00000000000000000000',
  keyId: () => 'key_0000000000000000',
  path: () => 'a.txt',
};
const filled = (path: string) => path.replace(/\{(\w+)\}/g, (_whole, name: string) => IDS[name]?.() ?? 'x');

test('with Redis cut off each route answers 503 with Retry-After, after one wait for Redis at most', async () => {
  expect(routes.length).toBeGreaterThan(30);
  way.mode('blackhole');
  // Two waits, one after the other, by the same kind of clock as the routes have.
  let twoWaits = false;
  const start = performance.now();
  const clock = waitFor(() => performance.now() - start >= 2 * WAIT_MS, {
    deadlineMs: 10 * WAIT_MS,
    what: 'two waits',
  }).then(() => {
    twoWaits = true;
  });
  const answers = await Promise.all(
    routes.map(async ({ method, path, body }) => {
      const { status, headers, json } = await server.call(filled(path), {
        method,
        ...(body === undefined ? {} : { body }),
        headers: path.endsWith('/events') ? { accept: 'text/event-stream' } : {},
      });
      return {
        route: `${method} ${path}`,
        status,
        retry: headers.get('retry-after'),
        code: json?.code,
        twoWaits,
      };
    }),
  );
  await clock;
  const refused = answers.filter(({ status }) => status !== 400 && status !== 404);
  for (const { route, status, retry, twoWaits } of refused)
    expect({ route, status, retry, twoWaits }).toEqual({ route, status: 503, retry: '1', twoWaits: false });
  // Those that refuse their request before they ask for anything are few.
  expect(answers.filter(({ status }) => status === 400 || status === 404).map(({ route }) => route)).toEqual(
    [],
  );
  way.mode('pass');
  await waitFor(async () => (await server.call(`/api/swarm/${swarmId}`)).status === 200, {
    deadlineMs: 20_000,
    what: 'the API to find Redis again',
  });
});

test('after one wait in vain nothing is sent, and nobody waits, until Redis answers', async () => {
  const client = await connectRedis({
    url: `redis://127.0.0.1:${way.port}`,
    name: 'prompt',
    mode: 'prompt',
    commandTimeoutMs: 300,
  });
  try {
    way.mode('blackhole');
    await expect(client.get('a')).rejects.toThrow('Command timed out');
    let settled = false;
    const next = client.set('late', '1').then(
      () => undefined,
      (error: Error) => {
        settled = true;
        return error.message;
      },
    );
    // Refused by what has been sent already, without a timer.
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(true);
    expect(await next).toBe('Command timed out');
    const pipeline = await client.pipeline().get('a').get('b').exec();
    expect(pipeline?.map(([error]) => error?.message)).toEqual(['Command timed out', 'Command timed out']);
    await expect(client.multi().get('a').exec()).rejects.toThrow(/timed out|EXECABORT/);
    way.mode('pass');
    await waitFor(
      () =>
        client.get('late').then(
          (value) => value === null,
          () => false,
        ),
      {
        deadlineMs: 10_000,
        what: 'an answer, and no trace of what was never sent',
      },
    );
  } finally {
    client.disconnect();
  }
});

test('every 503 says when to come back: also the probes', async () => {
  const closed = await startTestApi(redis, { WS_ENABLED: 'false' });
  try {
    await closed.call('/livez');
    const off = await closed.call('/ws', { headers: {} });
    expect([off.status, off.headers.get('retry-after')]).toEqual([503, '1']);
    void closed.api.drain();
    const probe = await closed.call('/readyz');
    expect([probe.status, probe.headers.get('retry-after')]).toEqual([503, '1']);
  } finally {
    await closed.api.close();
  }
});
