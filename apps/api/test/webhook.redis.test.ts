import { claimWebhook, postponeWebhook } from '@claude-flow/core/store/webhooks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let inside: TestApi;
const [alice, bob, admin] = ['alice', 'bob', 'admin'].map((name) => `${name}-${'k'.repeat(40)}`) as [
  string,
  string,
  string,
];
beforeAll(async () => {
  redis = await startTestRedis();
  const env = { AUTH_ENABLED: 'true', API_KEYS: `${alice},${bob}`, ADMIN_API_KEYS: admin, HOST: '127.0.0.1' };
  server = await startTestApi(redis, env);
  inside = await startTestApi(redis, { WEBHOOK_ALLOW_PRIVATE: 'true' });
});
afterAll(async () => {
  await server?.api.close();
  await inside?.api.close();
  await redis?.stop();
});

const SECRET = 'nobody-else-may-see-this';
const URL = 'https://hooks.example.com/x';
const create = (webhook: unknown, api = server) =>
  api.post('/api/swarm/create', { objective: OBJECTIVE, webhook }, { key: alice });

test('the least: how the swarm ended; the view says how far it is', async () => {
  const { status, json } = await create({ url: URL });
  expect(status).toBe(201);
  const { json: shown } = await server.call(`/api/swarm/${json.swarmId}`, { key: alice });
  expect(shown.data.webhook).toEqual({
    url: URL,
    events: ['swarm.completed', 'swarm.failed', 'swarm.stopped'],
    signed: false,
    status: 'active',
    deliveredSeq: 0,
    failedAttempts: 0,
    nextAttemptAt: null,
    lastError: null,
  });
  const plain = await server.post('/api/swarm/create', { objective: OBJECTIVE }, { key: alice });
  expect(
    (await server.call(`/api/swarm/${plain.json.swarmId}`, { key: alice })).json.data.webhook,
  ).toBeNull();
});

test.each([
  [{}, 'webhook.url'],
  [{ url: 'example.com' }, 'webhook.url'],
  [{ url: 'ftp://example.com/' }, 'webhook.url'],
  [{ url: 'javascript:alert(1)' }, 'webhook.url'],
  [{ url: 'https://me:secret@example.com/' }, 'webhook.url'],
  [{ url: `https://example.com/${'x'.repeat(3_000)}` }, 'webhook.url'],
  [{ url: URL, events: [] }, 'webhook.events'],
  [{ url: URL, events: ['swarm.exploded'] }, 'webhook.events.0'],
  [{ url: URL, secret: 'short' }, 'webhook.secret'],
  [{ url: URL, secret: 'whsec_this is not base64' }, 'webhook.secret'],
  [{ url: URL, secret: 'whsec_c2hvcnQ=c2hvcnQ=' }, 'webhook.secret'],
  [{ url: URL, secret: 'whsec_dG9vIHNob3J0' }, 'webhook.secret'],
  [{ url: 'http://127.0.0.1/' }, 'webhook.url'],
  [{ url: 'http://2130706433/' }, 'webhook.url'],
  [{ url: 'http://[::1]:8080/' }, 'webhook.url'],
  [{ url: 'http://169.254.169.254/latest/meta-data' }, 'webhook.url'],
  [{ url: 'http://localhost:3000/' }, 'webhook.url'],
  [{ url: 'http://api.localhost./' }, 'webhook.url'],
])('a fault is refused by its name, and leaves nothing (case %#)', async (webhook, field) => {
  const before = (await server.call('/api/swarms', { key: alice })).json.count;
  const { status, json } = await create(webhook);
  expect(status).toBe(400);
  expect(json.details.map((one: { field: string }) => one.field)).toEqual([field]);
  expect((await server.call('/api/swarms', { key: alice })).json.count).toBe(before);
});

test('operators may allow private ones', async () => {
  expect((await create({ url: 'http://127.0.0.1:9/' }, inside)).status).toBe(201);
});

test('the secret is nowhere to be read: views, lists, events, logs, queues, errors, a repeated creation', async () => {
  const body = { objective: OBJECTIVE, webhook: { url: URL, secret: SECRET, events: ['swarm.created'] } };
  const headers = { 'idempotency-key': 'once' };
  const first = await server.post('/api/swarm/create', body, { key: alice, headers });
  const again = await server.post('/api/swarm/create', body, { key: alice, headers });
  const other = { ...body, webhook: { ...body.webhook, secret: `${SECRET}-2` } };
  const conflict = await server.post('/api/swarm/create', other, { key: alice, headers });
  expect([first.status, again.status, conflict.status]).toEqual([201, 201, 422]);
  const id = first.json.swarmId as string;
  const ledger = await openLedger(redis);
  const claimed = await claimWebhook(ledger, id, 'token', 1_000);
  if (!('claim' in claimed)) throw new Error('it was to be claimed');
  expect(claimed.claim.secret).toBe(SECRET);
  await postponeWebhook(ledger, claimed.claim, {
    seq: 0,
    delayMs: 60_000,
    error: 'It broke.',
    giveUp: false,
  });
  ledger.redis.disconnect();

  const answers = [first, again, conflict];
  for (const path of ['', '/events', '/logs', '/tasks', '/results', '/graph', '/metrics', '/artifacts'])
    answers.push(await server.call(`/api/swarm/${id}${path}`, { key: alice }));
  answers.push(await server.post(`/api/swarm/${id}/stop`, undefined, { key: alice }));
  answers.push(await server.call('/api/swarms?scope=all', { key: admin }));
  answers.push(await server.call('/admin/queues/api/queues?activeQueue=webhook', { key: admin }));
  for (const { status, text } of answers) {
    expect([200, 201, 422]).toContain(status);
    expect(text).not.toContain(SECRET);
  }
  const { data } = (await server.call(`/api/swarm/${id}`, { key: alice })).json;
  expect(data.webhook).toMatchObject({ signed: true, failedAttempts: 1, lastError: 'It broke.' });
  expect(Date.parse(data.webhook.nextAttemptAt)).toBeGreaterThan(Date.now());
  // What is not yours does not exist.
  expect((await server.call(`/api/swarm/${id}`, { key: bob })).status).toBe(404);
});
