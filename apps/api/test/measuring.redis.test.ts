import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

const DEADLINE_MS = 10_000;
const KEY = 'a-key-that-must-not-be-seen';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());

async function withApi(env: Record<string, string>, use: (server: TestApi) => Promise<void>): Promise<void> {
  const server = await startTestApi(redis, env);
  try {
    await use(server);
  } finally {
    await server.api.close();
  }
}

test('ENABLE_METRICS=false: /metrics is not there, on the health port neither', () =>
  withApi({ ENABLE_METRICS: 'false', HEALTH_PORT: '0' }, async ({ api, call }) => {
    const { status, json } = await call('/metrics');
    expect([status, json.code]).toEqual([404, 'route_not_found']);
    const health = `http://127.0.0.1:${api.healthPort}`;
    expect((await fetch(`${health}/metrics`)).status).toBe(404);
    expect((await fetch(`${health}/readyz`)).status).toBe(200);
  }));

test('RESOURCE_MONITORING=false: the process is not sampled, requests still are', async () => {
  await withApi({ RESOURCE_MONITORING: 'false' }, async ({ call }) => {
    await call('/api/swarms');
    const { text } = await call('/metrics');
    expect(text).not.toContain('process_resident_memory_bytes');
    expect(text).toContain('claude_flow_http_request_seconds_count');
  });
  await withApi({}, async ({ call }) => {
    expect((await call('/metrics')).text).toContain('process_resident_memory_bytes');
  });
});

test('ACCESS_LOG: one combined line per request, by the path, without queries and keys', async () => {
  const folder = await createTempFolder('access-log');
  const file = join(folder.path, 'logs', 'combined.log');
  const env = { ACCESS_LOG: file, AUTH_ENABLED: 'true', API_KEYS: KEY };
  await withApi(env, async ({ call }) => {
    await call('/api/swarms?limit=3', { key: KEY, headers: { referer: 'http://a.example/x?secret=1' } });
    await call('/ws?ticket=secret-ticket');
    await call('/api/none%22%0Ax', { key: KEY });
  });
  const lines = await waitFor(
    async () => {
      const found = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      return found.length >= 3 && found;
    },
    { deadlineMs: DEADLINE_MS, what: 'three lines' },
  );
  expect(lines).toHaveLength(3);
  const fields = lines.map((line) => line.split(' '));
  expect(fields.map((field) => [field[5], field[6], field[8]])).toEqual([
    ['"GET', '/api/swarms', '200'],
    ['"GET', '/ws', '401'],
    ['"GET', expect.stringContaining('/api/none'), '404'],
  ]);
  expect(lines.join('\n')).not.toMatch(/secret|ticket=|a-key-that/);
  await folder.remove();
});

test('ACCESS_LOG that cannot be written: said at boot, by name', async () => {
  const here = fileURLToPath(import.meta.url);
  await expect(startTestApi(redis, { ACCESS_LOG: `${here}/below-a-file.log` })).rejects.toThrow(
    /ACCESS_LOG.*cannot be written/,
  );
});
