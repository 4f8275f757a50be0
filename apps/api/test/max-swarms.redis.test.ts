import { readAdmission } from '@claude-flow/core/store/admission';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { countActiveSwarms } from '@claude-flow/core/store/swarms';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
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
const startedAre = (count: number) =>
  waitFor(async () => (await readAdmission(ledger)).started === count, {
    deadlineMs: 10_000,
    what: `${count} swarms hold a place`,
  });

test('of ten starts at once three succeed, planned or not; the others are told why; an end makes room', async () => {
  // Every other one has no plan yet: its start is remembered, and counts.
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, i) => create(i % 2 === 0 ? diamondSwarm : { objective: OBJECTIVE })),
  );
  const answers = await Promise.all(ids.map((id) => server.post(`/api/swarm/${id}/start`)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, ...Array(7).fill(429)]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.json).toMatchObject({ code: 'limit_exceeded' });
  expect(refused?.json.message).toMatch(/at most 3 at a time.*when another has ended/);

  const before = await countActiveSwarms(ledger);
  const headers = { 'idempotency-key': 'refused-and-then-not' };
  for (let round = 0; round < 2; round += 1) {
    const answer = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true }, { headers });
    expect(answer.status).toBe(429);
  }
  expect(await countActiveSwarms(ledger)).toBe(before);

  const won = ids.filter((_, i) => answers[i]?.status === 200);
  expect((await server.post(`/api/swarm/${won[0]}/stop`)).status).toBe(200);
  await startedAre(2);
  const again = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true }, { headers });
  expect(again.status).toBe(201);
  expect((await server.post(`/api/swarm/${again.json.swarmId}/start`)).status).toBe(409);
  await startedAre(3);
  for (const id of won.slice(1)) await server.post(`/api/swarm/${id}/stop`);

  const worker = startMiniWorker(redis);
  await startedAre(0);
  await worker.stop();
});
