import { readFile } from 'node:fs/promises';
import { startTestRedis } from '@claude-flow/testing/redis';
import { expect, test } from 'vitest';
import { startTestApi } from './test-api.ts';

test('docs/openapi.json is what the server serves (else: pnpm --filter @claude-flow/api openapi)', async () => {
  const redis = await startTestRedis();
  const server = await startTestApi(redis);
  const kept = await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
  const served = (await server.call('/openapi.json')).json;
  expect(served).toEqual(JSON.parse(kept));

  const undescribed = ['/', '/docs', '/docs/scalar.js', '/openapi.json'];
  const routes = server.api.app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/admin/'))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)(\{.*\})?/g, '{$1}')}`)
    .filter((route) => !undescribed.includes(route.split(' ')[1] ?? ''));
  const described = Object.entries(served.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect([...new Set(routes)].sort()).toEqual(described.sort());

  await server.api.close();
  await redis.stop();
});
