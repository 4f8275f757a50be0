import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** Requirements API-28 to API-33, C14, C15, C17. */
let redis: TestRedis;
let server: TestApi;
let other: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  [server, other] = [await startTestApi(redis), await startTestApi(redis)];
});
afterAll(async () => {
  await server?.api.close();
  await other?.api.close();
  await redis?.stop();
});

/** As the document prints it. */
const DEVELOPER = {
  type: 'coder',
  name: 'backend-developer',
  capabilities: { languages: ['javascript', 'typescript'], frameworks: ['express', 'fastify'] },
};
const create = async (over: object = {}) =>
  (await server.post('/api/swarm/create', { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), ...over })).json
    .swarmId as string;
const spawn = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  server.post(`/api/swarm/${id}/agents`, body, { headers });
const end = (id: string, agentId: string, api = server) =>
  api.call(`/api/swarm/${id}/agents/${agentId}`, { method: 'DELETE' });
const events = async (id: string) => (await server.call(`/api/swarm/${id}/events`)).json.events;

describe('API-29, API-30: spawn', () => {
  test('the document’s own body: 201, idle, listed, its capabilities beside those of its type', async () => {
    const id = await create();
    const { status, json } = await spawn(id, DEVELOPER);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      swarmId: id,
      agentId: 'agent_001',
      status: 'idle',
      message: 'Agent spawned successfully',
      data: {
        id: { id: 'agent_001', swarmId: id, type: 'coder', instance: 1 },
        name: 'backend-developer',
        type: 'coder',
        status: 'idle',
        capabilities: { codeGeneration: true, documentation: false, ...DEVELOPER.capabilities },
        metrics: { tasksCompleted: 0, successRate: null, averageExecutionTime: null },
      },
    });
    const list = (await other.call(`/api/swarm/${id}/agents`)).json;
    expect(list).toMatchObject({ count: 1, agents: [json.data] });
    const told = (await events(id)).find((one: { eventType: string }) => one.eventType === 'agent.spawned');
    expect(told.data).toMatchObject({ agentId: 'agent_001', name: 'backend-developer' });
  });

  test.each([
    'coordinator',
    'coder',
    'reviewer',
    'tester',
    'researcher',
    'analyst',
    'architect',
    'specialist',
  ])('a %s, named by its type and number when nothing is said', async (type) => {
    const id = await create();
    expect((await spawn(id, { type })).json.data).toMatchObject({ type, name: `${type}-1` });
    expect((await spawn(id, { type })).json.data).toMatchObject({ name: `${type}-2`, id: { instance: 2 } });
  });

  test.each([
    [{}, ['type']],
    [{ type: 'security-auditor' }, ['type']],
    [{ type: 'coder', name: 'ab' }, ['name']],
    [{ type: 'coder', name: 'x'.repeat(51) }, ['name']],
    [{ type: 'coder', name: '-dash first' }, ['name']],
    [{ type: 'coder', name: 'no\nlines' }, ['name']],
    [{ type: 7, name: 7, capabilities: [] }, ['capabilities', 'name', 'type']],
    [{ type: 'coder', capabilities: 'many' }, ['capabilities']],
    [{ type: 'coder', capabilities: { a: '\u0000' } }, ['capabilities.a']],
    [[], ['(body)']],
  ])('API-44: %j is refused, naming %j', async (body, wanted) => {
    const { status, json } = await spawn(await create(), body);
    expect(status).toBe(400);
    expect(json.details.map(({ field }: { field: string }) => field).sort()).toEqual(wanted);
  });

  test('API-45: broken, of another type', async () => {
    const path = `/api/swarm/${await create()}/agents`;
    const send = (raw: string, type: string) =>
      server.call(path, { method: 'POST', raw, headers: { 'content-type': type } });
    expect((await send('{', 'application/json')).json.code).toBe('malformed_json');
    expect((await send('type=coder', 'application/x-www-form-urlencoded')).status).toBe(415);
  });

  test('API-33: at most maxAgents, also when they come at once; the surplus is 409 and says so', async () => {
    const id = await create({ maxAgents: 3 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? server : other).post(`/api/swarm/${id}/agents`, { type: 'coder' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(3).fill(201),
      ...Array(7).fill(409),
    ]);
    expect(answers.find(({ status }) => status === 409)?.json).toMatchObject({
      code: 'swarm_full',
      message: 'The swarm has its 3 agents (maxAgents). Terminate one first.',
    });
    await end(id, 'agent_002');
    expect((await spawn(id, { type: 'tester' })).json.agentId).toBe('agent_004');
  });

  test('Idempotency-Key: ten at once are one agent; another body is 422', async () => {
    const id = await create();
    const headers = { 'idempotency-key': 'agent-once' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? server : other).post(`/api/swarm/${id}/agents`, DEVELOPER, { headers }),
      ),
    );
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.agentId}`))).toEqual(
      new Set(['201 agent_001']),
    );
    expect((await spawn(id, { type: 'tester' }, headers)).json.code).toBe('idempotency_conflict');
    expect((await server.call(`/api/swarm/${id}/agents`)).json.count).toBe(1);
  });

  test('409 when the swarm has ended, 404 when there is none', async () => {
    const id = await create();
    await server.post(`/api/swarm/${id}/stop`);
    expect((await spawn(id, DEVELOPER)).json).toMatchObject({ status: 409, code: 'swarm_state_conflict' });
    expect((await spawn('swarm_a_000000000', DEVELOPER)).status).toBe(404);
  });
});

describe('API-31: one agent', () => {
  test('as in the list; 404 for what is not there', async () => {
    const id = await create();
    await spawn(id, DEVELOPER);
    const { json } = await server.call(`/api/swarm/${id}/agents/agent_001`);
    expect(json).toEqual({
      swarmId: id,
      agent: (await server.call(`/api/swarm/${id}/agents`)).json.agents[0],
    });
    for (const none of ['agent_002', 'x', 'task_001', '..%2f..'])
      expect((await server.call(`/api/swarm/${id}/agents/${none}`)).json.code).toBe('agent_not_found');
  });

  test('API-28: the list by status', async () => {
    const id = await create();
    for (let i = 0; i < 3; i += 1) await spawn(id, { type: 'coder' });
    await end(id, 'agent_002');
    const ids = async (query: string) =>
      (await server.call(`/api/swarm/${id}/agents${query}`)).json.agents.map(
        (agent: { id: { id: string } }) => agent.id.id,
      );
    expect(await ids('')).toEqual(['agent_001', 'agent_002', 'agent_003']);
    expect(await ids('?status=idle')).toEqual(['agent_001', 'agent_003']);
    expect(await ids('?status=terminated,busy')).toEqual(['agent_002']);
    expect((await server.call(`/api/swarm/${id}/agents?status=asleep`)).json.details).toMatchObject([
      { field: 'status', message: expect.stringContaining('idle, busy, terminated') },
    ]);
  });
});

describe('API-32: terminate', () => {
  test('ten at once: it ends once, and all are told so', async () => {
    const id = await create();
    await spawn(id, DEVELOPER);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => end(id, 'agent_001', i % 2 === 0 ? server : other)),
    );
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.status}`))).toEqual(
      new Set(['200 terminated']),
    );
    const told = (await events(id)).filter(
      (one: { eventType: string }) => one.eventType === 'agent.terminated',
    );
    expect(told).toHaveLength(1);
    const again = await end(id, 'agent_001');
    expect(again.json).toMatchObject({ message: 'The agent was terminated before', agentId: 'agent_001' });
    expect(again.json.data.terminatedAt).toMatch(/Z$/);
    expect((await end(id, 'agent_009')).json.code).toBe('agent_not_found');
  });

  test('what it was at goes to another one, and the late result of the first is not taken', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = startMiniWorker(redis, {
      during: async (_spec, claim) => (claim.attempt === 1 ? held : undefined),
    });
    try {
      const id = await create({ autoStart: true });
      await waitFor(() => worker.begun.length === 1, { deadlineMs: 10_000, what: 'the task to begin' });
      expect((await end(id, 'agent_001')).status).toBe(200);
      await waitFor(async () => (await server.call(`/api/swarm/${id}`)).json.data.status === 'completed', {
        deadlineMs: 10_000,
        what: 'another agent to do it',
      });
      const { task } = (await server.call(`/api/swarm/${id}/tasks/task_001`)).json;
      expect(task).toMatchObject({ attempt: 2, assignedTo: { id: 'agent_002' }, failures: 0 });
    } finally {
      release();
      await worker.stop();
    }
  });
});
