import type { Ledger } from '@claude-flow/core/store/ledger';
import { countActiveSwarms } from '@claude-flow/core/store/swarms';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, { MAX_SWARMS: '3' });
  ledger = await openLedger(redis);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});

const create = async (body: object) => (await server.post('/api/swarm/create', body)).json.swarmId as string;

test('of ten starts at once three succeed, planned or not; the others are told why; an end makes room', async () => {
  // Every other one has no plan yet: its start is remembered, and counts.
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, i) => create(i % 2 === 0 ? diamondSwarm : { objective: OBJECTIVE })),
  );
  const answers = await Promise.all(ids.map((id) => server.post(`/api/swarm/${id}/start`)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, ...Array(7).fill(429)]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.json).toMatchObject({ code: 'limit_exceeded', retryAfter: 5 });
  expect(refused?.headers.get('retry-after')).toBe('5');
  expect(refused?.json.message).toMatch(/3 swarms are started.*MAX_SWARMS.*when one has ended/);

  // Refused at creation, it leaves no trace, and the same request may come again.
  const before = await countActiveSwarms(ledger);
  const headers = { 'idempotency-key': 'refused-and-then-not' };
  for (let round = 0; round < 2; round += 1) {
    const answer = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true }, { headers });
    expect(answer.status).toBe(429);
  }
  expect(await countActiveSwarms(ledger)).toBe(before);
  // What is only created needs no place.
  expect((await server.post('/api/swarm/create', diamondSwarm)).status).toBe(201);

  const won = ids.filter((_, i) => answers[i]?.status === 200);
  expect((await server.post(`/api/swarm/${won[0]}/stop`)).status).toBe(200);
  const again = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true }, { headers });
  expect(again.status).toBe(201);

  // Repeated, it is answered as before, though all places are taken: one of them is its own.
  const repeated = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true }, { headers });
  expect([repeated.status, repeated.json.swarmId]).toEqual([201, again.json.swarmId]);
  // A start that is refused for its state takes no place, and frees none that is used.
  expect((await server.post(`/api/swarm/${again.json.swarmId}/start`)).status).toBe(409);
  expect((await server.post(`/api/swarm/${won[0]}/start`)).status).toBe(409);
  expect((await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true })).status).toBe(429);
});

test('a paused swarm gives its place to another, and takes one again when it goes on', async () => {
  const own = await startTestRedis();
  const one = await startTestApi(own, { MAX_SWARMS: '1' });
  const two = await startTestApi(own, { MAX_SWARMS: '1' });
  const owned = await openLedger(own);
  try {
    const make = async () => (await one.post('/api/swarm/create', diamondSwarm)).json.swarmId as string;
    const command = async (id: string, verb: string, server = one) =>
      (await server.post(`/api/swarm/${id}/${verb}`)).status;
    const [paused, other] = [await make(), await make()];
    expect(await command(paused, 'start')).toBe(200);
    expect(await command(paused, 'pause')).toBe(200);
    // Not at once: whoever pauses for a moment goes on without asking.
    expect(await command(other, 'start')).toBe(429);
    expect(await command(paused, 'resume')).toBe(200);
    expect(await command(paused, 'pause')).toBe(200);
    // As if it had been paused for long.
    await owned.redis.zadd(owned.keys.startedSwarms, 1, paused);
    expect(await command(other, 'start')).toBe(200);
    const refused = await one.post(`/api/swarm/${paused}/resume`);
    expect([refused.status, refused.json.code]).toEqual([429, 'limit_exceeded']);
    expect((await one.call(`/api/swarm/${paused}`)).json.data.status).toBe('paused');
    expect(await command(other, 'stop')).toBe(200);
    expect(await command(paused, 'resume')).toBe(200);

    // It goes on and another one starts, at the same moment at two servers: one of them gets the place.
    for (let round = 0; round < 10; round += 1) {
      const third = await make();
      expect(await command(paused, 'pause')).toBe(200);
      await owned.redis.zadd(owned.keys.startedSwarms, 1, paused);
      const both = await Promise.all([command(paused, 'resume'), command(third, 'start', two)]);
      expect([...both].sort()).toEqual([200, 429]);
      expect(await command(third, 'stop')).toBe(200);
      expect(await command(paused, 'resume')).toBe(200);
    }
  } finally {
    owned.redis.disconnect();
    await one.api.close();
    await two.api.close();
    await own.stop();
  }
}, 60_000);
