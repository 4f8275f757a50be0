import { createHash } from 'node:crypto';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

test('a person gets a page: what this is, whether it is well, how to begin; nothing can run on it', async () => {
  const { status, headers, text } = await server.call('/', { headers: browser });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/html');
  expect(text).toContain('It is ready to work.');
  expect(text).toContain(`curl -s ${server.api.url}/api/swarm/create -H`);
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  expect(policy).not.toMatch(/unsafe|script-src/);
  expect(text).not.toMatch(/<script|style="|onclick|https?:\/\/(?!127\.0\.0\.1)/);
  const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
  expect(links).toEqual(expect.arrayContaining(['/docs', '/openapi.json', '/admin/queues']));
  for (const link of links) expect((await server.call(link, { headers: browser })).status).not.toBe(404);
});

test('a program that asks for JSON gets JSON', async () => {
  const { json, headers } = await server.call('/', { headers: { accept: 'application/json' } });
  expect(json).toMatchObject({ service: 'claude-flow', ready: true, docs: '/docs' });
  expect(headers.get('vary')).toContain('Accept');
});

test('it needs no key, and says that the calls do', async () => {
  const closed = await startTestApi(redis, { AUTH_ENABLED: 'true', API_KEYS: 'k', HOST: '127.0.0.1' });
  const { status, text } = await closed.call('/');
  expect(status).toBe(200);
  expect(text).toContain('-H &quot;X-API-Key: $KEY&quot;');
  expect((await closed.call('/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
  await closed.api.close();
});

test('what a caller writes as Host cannot become part of the page', async () => {
  const { app } = server.api;
  const answer = await app.request('http://a.example/"><script>alert(1)</script>');
  expect(answer.status).toBe(404);
  const odd = await app.request("http://x'&y.example/");
  expect(await odd.text()).not.toContain("x'&y");
});

test('the docs page offers a body without a webhook: nobody’s first try posts to a stranger', async () => {
  const { paths } = (await server.call('/openapi.json')).json;
  const { example } = paths['/api/swarm/create'].post.requestBody.content['application/json'];
  expect(example).toHaveProperty('objective');
  expect(example).not.toHaveProperty('webhook');
});
