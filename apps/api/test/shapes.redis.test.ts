import { appendLog } from '@claude-flow/core/store/logs';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { artifactList, eventPage, logList, resultsAnswer } from '../src/results/outcome-schemas.ts';
import {
  createdAnswer,
  startedAnswer,
  stoppedAnswer,
  swarmAnswer,
  swarmList,
} from '../src/swarms/swarm-schemas.ts';
import { health, liveness, readiness, systemStats, ticketAnswer } from '../src/system/system-schemas.ts';
import { agentList, taskAnswer, taskList } from '../src/tasks/work-schemas.ts';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { type MiniWorker, startMiniWorker } from './mini-worker.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let worker: MiniWorker;
let swarmId: string;
let created: Awaited<ReturnType<TestApi['post']>>;
let started: Awaited<ReturnType<TestApi['post']>>;

beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  const spec = { path: 'docs/spec.md', content: Buffer.from('# Specification\n') };
  const picture = { path: 'architecture.png', content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]) };
  worker = startMiniWorker(redis, { files: { a: [spec, picture] }, quality: 0.9 });
  created = await server.post('/api/swarm/create', diamondSwarm);
  swarmId = created.json.swarmId;
  started = await server.post(`/api/swarm/${swarmId}/start`);
  await appendLog(worker.ledger, swarmId, { level: 'info', source: 'worker', message: 'Hello' });
  await appendLog(worker.ledger, swarmId, { level: 'error', source: 'worker', message: 'Oh dear' });
  await completed(swarmId);
});
afterAll(async () => {
  await worker?.stop();
  await server?.api.close();
  await redis?.stop();
});

async function completed(id: string): Promise<void> {
  await waitFor(async () => (await server.call(`/api/swarm/${id}`)).json.data.status === 'completed', {
    deadlineMs: 10_000,
    what: 'the swarm to complete',
  });
}

/** Nothing missing, nothing wrong, nothing that the description does not know. */
function expectShape(schema: z.ZodType, json: unknown): void {
  expect(schema.parse(json)).toEqual(json);
}

describe('as the document prints them', () => {
  test('POST create', () => {
    expect(created.status).toBe(201);
    expectShape(createdAnswer, created.json);
    expect(created.json).toMatchObject({
      swarmId: expect.stringMatching(/^swarm_[0-9a-z]+_[0-9a-z]{9}$/),
      status: 'planning',
      message: 'Swarm created successfully',
      data: { objective: OBJECTIVE, strategy: 'development', mode: 'centralized', maxAgents: 5 },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('POST start', () => {
    expect(started.status).toBe(200);
    expectShape(startedAnswer, started.json);
    expect(started.json).toMatchObject({
      swarmId,
      status: 'executing',
      message: 'Swarm started successfully',
    });
  });

  test('GET swarm', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}`);
    expectShape(swarmAnswer, json);
    expect(json).toMatchObject({
      swarmId,
      data: {
        id: swarmId,
        name: 'User Management REST API Swarm',
        description: OBJECTIVE,
        status: 'completed',
        strategy: 'development',
        progress: { totalTasks: 4, completedTasks: 4, percentComplete: 100 },
        planned: true,
        planSource: 'caller',
        effectiveMode: 'centralized',
        reason: null,
      },
    });
  });

  test('GET agents', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}/agents`);
    expectShape(agentList, json);
    expect(json.count).toBe(json.agents.length);
    expect(json.agents[0]).toMatchObject({
      id: { id: 'agent_001', swarmId, type: 'coder', instance: 1 },
      name: 'coder-1',
      type: 'coder',
      status: 'terminated',
      capabilities: { codeGeneration: true, codeReview: true, testing: true, documentation: false },
      metrics: { successRate: 1 },
    });
    const completedTasks = json.agents.map((agent: { metrics: { tasksCompleted: number } }) => agent.metrics);
    expect(
      completedTasks.reduce((sum: number, m: { tasksCompleted: number }) => sum + m.tasksCompleted, 0),
    ).toBe(4);
  });

  test('GET tasks, and one of them', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}/tasks`);
    expectShape(taskList, json);
    expect(json.count).toBe(4);
    expect(json.tasks[0]).toMatchObject({
      id: { id: 'task_001', swarmId, sequence: 1, priority: 2 },
      name: 'Task a',
      type: 'coding',
      status: 'completed',
      assignedTo: { id: 'agent_001' },
      dependencies: [],
      attempt: 1,
      error: null,
      result: { output: 'output of a', quality: 0.9, executionTime: expect.any(Number) },
    });
    expect(json.tasks[3].dependencies).toEqual(['task_002', 'task_003']);
    const one = await server.call(`/api/swarm/${swarmId}/tasks/task_001`);
    expectShape(taskAnswer, one.json);
    expect(one.json).toMatchObject({ task: json.tasks[0], why: null });
    const none = await server.call(`/api/swarm/${swarmId}/tasks/task_099`);
    expect(none.json).toMatchObject({ status: 404, code: 'task_not_found' });
    expect((await server.call(`/api/swarm/${swarmId}/tasks/x`)).json.code).toBe('task_not_found');
  });

  test('GET results', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}/results`);
    expectShape(resultsAnswer, json);
    expect(json.results).toMatchObject({
      outputs: { task_001: 'output of a', task_004: 'output of d' },
      artifacts: {
        task_001: { diagrams: ['architecture.png'], documents: ['docs/spec.md'] },
      },
      overallQuality: 0.9,
      summary: null,
    });
    expect(json.results.artifacts.task_001.files[0].url).toBe(
      `/api/swarm/${swarmId}/artifacts/task_001/docs/spec.md`,
    );
    const { startedAt, endedAt } = (await server.call(`/api/swarm/${swarmId}`)).json.data;
    expect(json.results.totalExecutionTime).toBe(Date.parse(endedAt) - Date.parse(startedAt));
  });

  test('GET logs', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}/logs?limit=100&level=info`);
    expectShape(logList, json);
    expect(json.logs.map((line: { message: string }) => line.message)).toEqual([
      `Creating swarm: ${swarmId}`,
      'Hello',
      'Oh dear',
    ]);
    expect(json.logs[1]).toMatchObject({ level: 'info', source: 'worker', swarmId });
    const errors = await server.call(`/api/swarm/${swarmId}/logs?level=error`);
    expect(errors.json.count).toBe(1);
    const one = await server.call(`/api/swarm/${swarmId}/logs?limit=1`);
    expect(one.json.logs[0].message).toBe('Oh dear');
  });

  test('GET health and stats', async () => {
    const state = (await server.call('/api/health')).json;
    expectShape(health, state);
    expect(state).toMatchObject({ status: 'healthy', service: 'claude-flow-headless-api', version: '0.1.0' });
    const stats = (await server.call('/api/system/stats')).json;
    expectShape(systemStats, stats);
    expect(stats.system.nodeVersion).toBe(process.version);
  });
});

describe('beyond the document', () => {
  test('GET artifacts', async () => {
    const { json } = await server.call(`/api/swarm/${swarmId}/artifacts`);
    expectShape(artifactList, json);
    expect(json.artifacts.map((file: { path: string }) => file.path)).toEqual([
      'docs/spec.md',
      'architecture.png',
    ]);
  });

  test('GET events, in pages', async () => {
    const seen: number[] = [];
    let after = 0;
    for (let more = true; more; ) {
      const { json } = await server.call(`/api/swarm/${swarmId}/events?after=${after}&limit=7`);
      expectShape(eventPage, json);
      seen.push(...json.events.map((event: { seq: number }) => event.seq));
      ({ next: after, more } = json);
    }
    expect(seen).toEqual(seen.map((_, index) => index + 1));
    expect(seen.length).toBe((await server.call(`/api/swarm/${swarmId}`)).json.data.lastEvent);
  });

  test('GET swarms: newest first, by pages, without repeat while new ones come', async () => {
    const ids = [swarmId];
    for (let i = 0; i < 4; i += 1)
      ids.unshift((await server.post('/api/swarm/create', diamondSwarm)).json.swarmId);
    const first = (await server.call('/api/swarms?limit=2')).json;
    expectShape(swarmList, first);
    await server.post('/api/swarm/create', diamondSwarm);
    const second = (await server.call(`/api/swarms?limit=2&cursor=${first.nextCursor}`)).json;
    const third = (await server.call(`/api/swarms?limit=2&cursor=${second.nextCursor}`)).json;
    const seen = [first, second, third].flatMap((page) =>
      page.swarms.map((s: { swarmId: string }) => s.swarmId),
    );
    expect(seen).toEqual(ids);
    expect(third.nextCursor).toBeNull();
    const bad = await server.call('/api/swarms?cursor=nonsense');
    expect(bad.json).toMatchObject({ status: 400, details: [{ field: 'cursor' }] });
  });

  test('probes, metrics, ticket, stop', async () => {
    expectShape(liveness, (await server.call('/livez')).json);
    expectShape(readiness, (await server.call('/readyz')).json);
    const metrics = await server.call('/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(metrics.text).toContain('claude_flow_http_request_seconds_count');
    expect(metrics.text).toContain('route="/api/swarm/:id"');
    expect(metrics.text).not.toContain(swarmId);
    expectShape(ticketAnswer, (await server.post('/api/ws-ticket')).json);
    const other = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId;
    const stopped = await server.post(`/api/swarm/${other}/stop`);
    expectShape(stoppedAnswer, stopped.json);
  });

  test('the description and its pages', async () => {
    expect((await server.call('/openapi.json')).json.openapi).toBe('3.1.0');
    const docs = await server.call('/docs');
    expect(docs.text).toContain('/docs/scalar.js');
    expect(docs.headers.get('content-security-policy')).not.toContain('http');
    const viewer = await server.call('/docs/scalar.js');
    expect(viewer.headers.get('content-type')).toMatch(/javascript/);
    expect(viewer.text.length).toBeGreaterThan(1_000_000);
  });
});
