import { appendLog } from '@claude-flow/core/store/logs';
import { noteResources } from '@claude-flow/core/store/resources';
import { registerWorker } from '@claude-flow/core/store/workers';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** Requirements API-39, API-41, API-42, C46: what is measured, and null where nothing is. */
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

const create = async (body: object) => (await server.post('/api/swarm/create', body)).json.swarmId as string;
const metrics = async (id: string) => (await server.call(`/api/swarm/${id}/metrics`)).json.metrics;
const data = async (id: string) => (await server.call(`/api/swarm/${id}`)).json.data;

describe('API-41: metrics', () => {
  test('before the start nothing is known, and nothing is made up', async () => {
    expect(await metrics(await create({ objective: OBJECTIVE }))).toEqual({
      throughput: null,
      latency: null,
      efficiency: null,
      reliability: null,
      averageQuality: null,
      resourceUtilization: { memory: null, cpu: null },
      agentUtilization: null,
    });
  });

  test('afterwards each is what the tasks and agents say', async () => {
    const worker = startMiniWorker(redis, { failing: ['b'], quality: 0.8 });
    try {
      const id = await create({ ...diamondSwarm, autoStart: true });
      await waitFor(async () => (await data(id)).status === 'failed', {
        deadlineMs: 10_000,
        what: 'the swarm to end',
      });
      const { startedAt, endedAt } = await data(id);
      const wallMs = Date.parse(endedAt) - Date.parse(startedAt);
      const { tasks } = (await server.call(`/api/swarm/${id}/tasks?status=completed`)).json;
      const took = tasks.map(
        (task: { startedAt: string; completedAt: string }) =>
          Date.parse(task.completedAt) - Date.parse(task.startedAt),
      );
      const measured = await metrics(id);
      expect(tasks).toHaveLength(2);
      expect(measured.throughput).toBeCloseTo(2000 / wallMs, 3);
      expect(measured.latency).toBeCloseTo((took[0] + took[1]) / 2, 3);
      expect(measured.reliability).toBeCloseTo(2 / 3, 3);
      expect(measured.averageQuality).toBe(0.8);
      expect(measured.resourceUtilization).toEqual({ memory: null, cpu: null });
      for (const share of [measured.efficiency, measured.agentUtilization]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      const { results } = (await server.call(`/api/swarm/${id}/results`)).json;
      expect(results.efficiency).toBe(measured.efficiency);
      expect(results.overallQuality).toBe(0.8);
    } finally {
      await worker.stop();
    }
  });

  test('memory and processors are those of the workers that run its tasks, and of no others', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = startMiniWorker(redis, { during: () => held });
    const ledger = await openLedger(redis);
    try {
      await registerWorker(ledger, {
        workerId: 'mini-worker',
        concurrency: 5,
        memoryBytes: 12_345,
        cpu: 0.25,
      });
      await registerWorker(ledger, { workerId: 'another', concurrency: 5, memoryBytes: 99_999, cpu: 3 });
      const id = await create({ ...diamondSwarm, autoStart: true });
      await waitFor(() => worker.begun.length === 1, { deadlineMs: 10_000, what: 'a task to begin' });
      expect((await metrics(id)).resourceUtilization).toEqual({ memory: 12_345, cpu: 0.25 });
      await registerWorker(ledger, { workerId: 'mini-worker', concurrency: 5 });
      expect((await metrics(id)).resourceUtilization).toEqual({ memory: null, cpu: null });
      // Kept: the most of each worker, also when it has ended.
      for (const [workerId, memoryBytes, cpu] of [
        ['one', 1_000, 0.5],
        ['one', 3_000, 0.25],
        ['two', 2_000, 1],
      ] as const)
        await noteResources(ledger, id, { workerId, memoryBytes, cpu });
      await server.post(`/api/swarm/${id}/stop`);
      expect((await metrics(id)).resourceUtilization).toEqual({ memory: 5_000, cpu: 1.5 });
    } finally {
      release();
      await worker.stop();
      ledger.redis.disconnect();
    }
  });
});

describe('API-42: logs', () => {
  test('limit and level: the newest, oldest of them first; what is no number or level is 400', async () => {
    const ledger = await openLedger(redis);
    try {
      const id = await create({ objective: OBJECTIVE });
      for (const [i, level] of (['debug', 'info', 'warn', 'error', 'info'] as const).entries())
        await appendLog(ledger, id, { level, source: 'test', message: `line ${i}` });
      const lines = async (query: string) =>
        (await server.call(`/api/swarm/${id}/logs${query}`)).json.logs.map(
          (line: { message: string }) => line.message,
        );
      expect(await lines('')).toEqual([`Creating swarm: ${id}`, 'line 1', 'line 2', 'line 3', 'line 4']);
      const { logs } = (await server.call(`/api/swarm/${id}/logs`)).json;
      expect(logs[0]).toMatchObject({ level: 'info', source: 'HeadlessCoordinator', swarmId: id });
      expect(await lines('?level=debug')).toHaveLength(6);
      expect(await lines('?level=warn')).toEqual(['line 2', 'line 3']);
      expect(await lines('?limit=2&level=info')).toEqual(['line 3', 'line 4']);
      for (const bad of ['limit=0', 'limit=1001', 'limit=-1', 'limit=many', 'level=loud', 'limit=1e3']) {
        const answer = await server.call(`/api/swarm/${id}/logs?${bad}`);
        expect([bad, answer.status, answer.json.details[0].field]).toEqual([bad, 400, bad.split('=')[0]]);
      }
      const both = await server.call(`/api/swarm/${id}/logs?limit=none&level=loud`);
      expect(both.json.details.map(({ field }: { field: string }) => field).sort()).toEqual([
        'level',
        'limit',
      ]);
    } finally {
      ledger.redis.disconnect();
    }
  });
});

test('API-04 to API-06, C49: health and stats follow reality', async () => {
  const before = (await server.call('/api/system/stats')).json.server.activeSwarms;
  const id = await create({ objective: OBJECTIVE });
  expect((await server.call('/api/system/stats')).json.server.activeSwarms).toBe(before + 1);
  await server.call(`/api/swarm/${id}`, { method: 'DELETE' });
  const { system, server: own } = (await server.call('/api/system/stats')).json;
  expect(own.activeSwarms).toBe(before);
  expect(system.memory.rss).toBeGreaterThan(system.memory.heapUsed);
  const health = (await server.call('/api/health')).json;
  expect(health.uptime).toBeLessThanOrEqual(Math.ceil(process.uptime()));
});

test('the document’s own measurements stand beside ours', async () => {
  const own = await startTestApi(redis, {
    AUTH_ENABLED: 'true',
    API_KEYS: 'k',
    ADMIN_API_KEY: 'a',
    HOST: '127.0.0.1',
  });
  const key = 'k';
  const headers = { 'idempotency-key': 'the same' };
  const body = { objective: OBJECTIVE, strategy: 'testing' };
  await own.post('/api/swarm/create', body, { key, headers });
  await own.post('/api/swarm/create', body, { key, headers });
  await own.post('/api/swarm/create', { ...body, objective: `${OBJECTIVE}, too` }, { key, headers });
  const { text } = await own.call('/metrics', { key: 'a' });
  const value = (line: RegExp) => Number(line.exec(text)?.[1]);
  expect(value(/^swarm_creation_total\{[^}]*strategy="testing"[^}]*\} (\d+)$/m)).toBe(2);
  expect(value(/^swarm_creation_success\{[^}]*strategy="testing"[^}]*\} (\d+)$/m)).toBe(1);
  expect(value(/^swarm_creation_errors\{[^}]*error="idempotency_conflict"[^}]*\} (\d+)$/m)).toBe(1);
  expect(value(/^swarm_creation_duration_count\{[^}]*strategy="testing"[^}]*\} (\d+)$/m)).toBe(1);
  await own.api.close();
});
