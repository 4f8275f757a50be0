import type { TaskSpec } from '@claude-flow/core/domain/task';
import { appendJournal } from '@claude-flow/core/store/journal';
import { claimTask } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAMOND, diamondSwarm, OBJECTIVE } from './bodies.ts';
import { type MiniWorker, type MiniWorkerOptions, startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** Requirements API-34 to API-38, API-44 to API-46, C15, C16, C57. */
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
const AUTHENTICATION = {
  name: 'Implement Authentication',
  description: 'Implement JWT authentication system',
  type: 'coding',
  priority: 'high',
  requirements: {
    capabilities: ['codeGeneration'],
    tools: ['git', 'npm'],
    permissions: ['read', 'write', 'execute'],
  },
};
const plain = (over: object = {}) => ({
  name: 'A task',
  description: 'Do one more thing',
  type: 'custom',
  ...over,
});

const create = async (body: object = diamondSwarm) =>
  (await server.post('/api/swarm/create', body)).json.swarmId as string;
const single = (over: object = {}) =>
  create({
    objective: OBJECTIVE,
    tasks: [
      { ...DIAMOND[0], ...over },
      { ...DIAMOND[3], dependencies: [] },
    ],
  });
const data = async (id: string) => (await server.call(`/api/swarm/${id}`)).json.data;
const add = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  server.post(`/api/swarm/${id}/tasks`, body, { headers });
const task = async (id: string, taskId: string) =>
  (await server.call(`/api/swarm/${id}/tasks/${taskId}`)).json;
const fields = (answer: { json: { details: { field: string }[] } }) =>
  answer.json.details.map(({ field }) => field).sort();
const reaches = (id: string, status: string) =>
  waitFor(async () => (await data(id)).status === status, {
    deadlineMs: 10_000,
    what: `the swarm ${status}`,
  });

async function withWorker(
  options: MiniWorkerOptions & { held?: { open(): void } },
  use: (worker: MiniWorker) => Promise<void>,
): Promise<void> {
  const worker = startMiniWorker(redis, options);
  try {
    await use(worker);
  } finally {
    // Or it would wait for ever for what it is at, when a test has failed.
    options.held?.open();
    await worker.stop();
  }
}

/** A gate for tasks: they wait in `during` until it is opened. */
function gate(...keys: string[]) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    open: () => open(),
    during: async ({ key }: { key: string }) => (keys.includes(key) ? opened : undefined),
  };
}

describe('API-35, API-36, API-37: create a task', () => {
  test('a task that names no permissions may write, in a graph and added; one that names them has those', async () => {
    const seen = new Map<string, string[]>();
    const during = async ({ name, requirements }: TaskSpec) => {
      seen.set(name, requirements.permissions);
    };
    await withWorker({ during }, async () => {
      const tasks = [{ ...DIAMOND[0], name: 'Of a graph' }];
      const id = await create({ objective: OBJECTIVE, tasks, autoStart: false });
      await add(id, plain({ name: 'Added' }));
      await add(id, plain({ name: 'For reading', requirements: { permissions: ['read'] } }));
      await server.post(`/api/swarm/${id}/start`, {});
      await reaches(id, 'completed');
    });
    expect(Object.fromEntries(seen)).toEqual({
      'Of a graph': ['read', 'write'],
      Added: ['read', 'write'],
      'For reading': ['read'],
    });
  });

  test('the document’s own body: 201, high is 3, done by the agent type of its type', async () => {
    const id = await create();
    const { status, json } = await add(id, AUTHENTICATION);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      swarmId: id,
      taskId: 'task_005',
      status: 'ready',
      message: 'Task created successfully',
      data: {
        id: { id: 'task_005', swarmId: id, sequence: 5, priority: 3 },
        name: 'Implement Authentication',
        type: 'coding',
        agentType: 'coder',
        status: 'ready',
        dependencies: [],
      },
    });
    expect((await server.call(`/api/swarm/${id}/tasks`)).json.count).toBe(5);
  });

  test.each([
    ['research', 'researcher'],
    ['coding', 'coder'],
    ['testing', 'tester'],
    ['review', 'reviewer'],
    ['analysis', 'analyst'],
    ['design', 'architect'],
    ['custom', 'specialist'],
  ])('a %s task is for a %s; priority is normal (2) when nothing is said', async (type, agentType) => {
    const { json } = await add(await single(), plain({ type }));
    expect(json.data).toMatchObject({ agentType, id: { priority: 2 } });
  });

  test('of a running swarm it is done, with everything else, and after what it needs (API-46)', async () => {
    const held = gate('a');
    await withWorker({ during: held.during, held }, async (worker) => {
      const id = await create({ ...diamondSwarm, autoStart: true });
      const added = await add(
        id,
        plain({ name: 'after b', dependencies: ['task_002', 'task_003', 'task_002'] }),
      );
      expect(added.json).toMatchObject({ status: 'blocked', data: { status: 'blocked' } });
      expect((await task(id, 'task_005')).why).toBe(
        'It needs task_002 (blocked), task_003 (blocked) to complete first.',
      );
      held.open();
      await reaches(id, 'completed');
      expect(worker.begun.indexOf('after b')).toBeGreaterThan(
        Math.max(worker.begun.indexOf('b'), worker.begun.indexOf('c')),
      );
    });
  });

  test('critical work first', async () => {
    const held = gate('a');
    await withWorker({ during: held.during, held }, async (worker) => {
      const id = await create({
        objective: OBJECTIVE,
        tasks: DIAMOND.slice(0, 1),
        parallel: false,
        autoStart: true,
      });
      await waitFor(() => worker.begun.includes('a'), { deadlineMs: 10_000, what: 'a to begin' });
      for (const priority of ['low', 'high', 'normal', 'critical'])
        await add(id, plain({ name: priority, priority }));
      held.open();
      await reaches(id, 'completed');
      expect(worker.begun).toEqual(['a', 'critical', 'high', 'normal', 'low']);
    });
  });

  test('API-44: all faults at once, each by name', async () => {
    const id = await single();
    const wrong = {
      name: 'ab',
      description: 'too short',
      type: 'system-design',
      priority: 'urgent',
      requirements: { capabilities: 'all', tools: [7], permissions: ['root'] },
      dependencies: ['a', 'task_001'],
      agentType: 'security-auditor',
      onFailure: 'shrug',
      timeout: 1,
      maxRetries: 11,
    };
    const answer = await add(id, wrong);
    expect(answer.json).toMatchObject({ status: 400, code: 'validation_failed', error: 'Validation failed' });
    expect(fields(answer)).toEqual([
      'agentType',
      'dependencies.0',
      'description',
      'maxRetries',
      'name',
      'onFailure',
      'priority',
      'requirements.capabilities',
      'requirements.permissions.0',
      'requirements.tools.0',
      'timeout',
      'type',
    ]);
    expect(fields(await add(id, {}))).toEqual(['description', 'name', 'type']);
    expect(fields(await add(id, plain({ name: 'x'.repeat(201), description: 'y'.repeat(1001) })))).toEqual([
      'description',
      'name',
    ]);
    const strangers = await add(id, plain({ dependencies: ['task_001', 'task_088', 'task_099'] }));
    expect(strangers.json.details).toEqual([
      { field: 'dependencies.1', message: 'This swarm has no task task_088.' },
      { field: 'dependencies.2', message: 'This swarm has no task task_099.' },
    ]);
    expect((await server.call(`/api/swarm/${id}/tasks`)).json.count).toBe(2);
  });

  test('API-45: broken, of another type, too large', async () => {
    const path = `/api/swarm/${await single()}/tasks`;
    const send = (raw: string, type = 'application/json') =>
      server.call(path, { method: 'POST', raw, headers: { 'content-type': type } });
    expect((await send('{"name"')).json.code).toBe('malformed_json');
    expect((await send('[]')).json).toMatchObject({ status: 400, code: 'validation_failed' });
    expect((await send('null')).status).toBe(400);
    expect((await send('a=1', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await send(`{"name":"${'x'.repeat(1_048_577)}"}`)).status).toBe(413);
  });

  test('while the plan is made it is kept: named, assigned and cancelled like any other, before and after the start', async () => {
    const id = await create({ objective: OBJECTIVE });
    const first = await add(id, { ...plain(), name: 'Write\nthe manual' });
    expect([first.status, first.json.taskId, first.json.data.name]).toEqual([
      201,
      'task_001',
      'Write the manual',
    ]);
    const agent = (await server.post(`/api/swarm/${id}/agents`, { type: 'coder' })).json.agentId;
    expect((await server.post(`/api/swarm/${id}/start`)).status).toBe(200);
    const second = await add(id, { ...plain(), dependencies: ['task_001'] });
    expect(second.json).toMatchObject({ taskId: 'task_002', status: 'blocked' });
    const assigned = await server.post(`/api/swarm/${id}/tasks/task_001/assign`, { agentId: agent });
    expect(assigned.status).toBe(200);
    const cancelled = await server.call(`/api/swarm/${id}/tasks/task_002`, { method: 'DELETE' });
    expect(cancelled.json.status).toBe('cancelled');
    expect((await server.call(`/api/swarm/${id}`)).json.data.planned).toBe(false);
    const unknown = await add(id, { ...plain(), dependencies: ['task_003'] });
    expect(unknown.json).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(unknown.json.details[0].message).toMatch(/no task task_003 yet: its plan is still being made/);
  });

  test('a name of line breaks alone is none', async () => {
    const { json } = await add(await single(), { ...plain(), name: '\n\n\n\n' });
    expect(json).toMatchObject({ status: 400, details: [{ field: 'name' }] });
  });

  test('409 after the end', async () => {
    const stopped = await single();
    await server.post(`/api/swarm/${stopped}/stop`);
    expect((await add(stopped, plain())).json.message).toContain('stopped');
    expect((await add('swarm_a_000000000', plain())).status).toBe(404);
  });

  test('Idempotency-Key: ten at once through two servers make one task; another body is 422; another swarm is another task', async () => {
    const [id, second] = [await single(), await single()];
    const headers = { 'idempotency-key': 'task-once' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? server : other).post(`/api/swarm/${id}/tasks`, plain(), { headers }),
      ),
    );
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.taskId}`))).toEqual(
      new Set(['201 task_003']),
    );
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true')).toHaveLength(9);
    expect((await add(id, plain({ name: 'Another' }), headers)).json).toMatchObject({
      status: 422,
      code: 'idempotency_conflict',
    });
    expect((await add(second, plain({ name: 'Another' }), headers)).status).toBe(201);
    expect((await server.call(`/api/swarm/${id}/tasks`)).json.count).toBe(3);
    // Also when the swarm has ended since: what was made is told again.
    await server.post(`/api/swarm/${id}/stop`);
    expect((await add(id, plain(), headers)).json).toMatchObject({ taskId: 'task_003', status: 'cancelled' });
  });
});

describe('API-38: assign', () => {
  const assign = (id: string, taskId: string, agentId: unknown) =>
    server.post(`/api/swarm/${id}/tasks/${taskId}/assign`, { agentId });

  test('that agent does it, whatever its type; assigning again changes nothing', async () => {
    const id = await single();
    await server.post(`/api/swarm/${id}/agents`, { type: 'coder' });
    const { agentId } = (await server.post(`/api/swarm/${id}/agents`, { type: 'reviewer' })).json;
    const { status, json } = await assign(id, 'task_001', agentId);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      swarmId: id,
      taskId: 'task_001',
      agentId: 'agent_002',
      status: 'ready',
      message: 'Task assigned successfully',
      data: { assignedTo: { id: 'agent_002' } },
    });
    expect((await assign(id, 'task_001', agentId)).json.message).toContain('before');
    await withWorker({}, async () => {
      await server.post(`/api/swarm/${id}/start`);
      await reaches(id, 'completed');
    });
    expect((await task(id, 'task_001')).task).toMatchObject({
      status: 'completed',
      assignedTo: { id: 'agent_002' },
    });
  });

  test('a busy agent is waited for; a task at work, or done, is 409', async () => {
    const held = gate('a');
    await withWorker({ during: held.during, held }, async (worker) => {
      const id = await create({ objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true });
      await waitFor(() => worker.begun.includes('a'), { deadlineMs: 10_000, what: 'a to begin' });
      await server.post(`/api/swarm/${id}/agents`, { type: 'tester' });
      expect((await assign(id, 'task_001', 'agent_002')).json).toMatchObject({
        status: 409,
        code: 'task_state_conflict',
        message: expect.stringContaining('running'),
      });
      await server.post(`/api/swarm/${id}/pause`);
      await add(id, plain({ name: 'second' }));
      await assign(id, 'task_002', 'agent_001');
      await server.post(`/api/swarm/${id}/resume`);
      await waitFor(async () => /agent_001, which is busy/.test((await task(id, 'task_002')).why), {
        deadlineMs: 10_000,
        what: 'the task to wait for its agent',
      });
      held.open();
      await reaches(id, 'completed');
      expect((await task(id, 'task_002')).task.assignedTo).toEqual({ id: 'agent_001' });
      expect((await assign(id, 'task_002', 'agent_001')).status).toBe(409);
    });
  });

  test('404 for what is not there, 400 without an agent', async () => {
    const id = await single();
    expect((await assign(id, 'task_001', 'agent_099')).json.code).toBe('agent_not_found');
    expect((await assign(id, 'task_001', '../../etc')).json.code).toBe('agent_not_found');
    expect((await assign(id, 'task_099', 'agent_001')).json.code).toBe('task_not_found');
    expect((await assign(id, 'x', 'agent_001')).json.code).toBe('task_not_found');
    expect(fields(await assign(id, 'task_001', undefined))).toEqual(['agentId']);
    expect(fields(await assign(id, 'task_001', 7))).toEqual(['agentId']);
  });
});

describe('cancel and retry', () => {
  const cancel = (id: string, taskId: string, api = server) =>
    api.call(`/api/swarm/${id}/tasks/${taskId}`, { method: 'DELETE' });
  const retry = (id: string, taskId: string, api = server) =>
    api.post(`/api/swarm/${id}/tasks/${taskId}/retry`);

  test('a cancelled task is not done, what needs it is skipped, the rest goes on', async () => {
    const id = await create();
    const { status, json } = await cancel(id, 'task_002');
    expect([status, json.status, json.message]).toEqual([200, 'cancelled', 'Task cancelled successfully']);
    expect(json.data.error).toEqual({ code: 'cancelled', message: 'Cancelled on request.' });
    expect((await cancel(id, 'task_002', other)).json.message).toContain('before');
    expect((await task(id, 'task_004')).task).toMatchObject({ status: 'skipped' });
    await withWorker({}, async (worker) => {
      await server.post(`/api/swarm/${id}/start`);
      await reaches(id, 'failed');
      expect(worker.begun).toEqual(['a', 'c']);
    });
    expect(await data(id)).toMatchObject({
      reason: 'task-cancelled',
      message: 'Task task_002 was cancelled, and with it what depends on it.',
    });
    expect((await cancel(id, 'task_001')).json).toMatchObject({ status: 409 });
    expect((await retry(id, 'task_002')).json).toMatchObject({ status: 409, code: 'swarm_state_conflict' });
  });

  test('nothing needs it, or they go on without it: the swarm completes', async () => {
    const leaf = await create();
    await cancel(leaf, 'task_004');
    const [a, b, c, d] = DIAMOND;
    const without = await create({
      objective: OBJECTIVE,
      tasks: [a, { ...b, onFailure: 'continue' }, c, d],
    });
    await cancel(without, 'task_002');
    await withWorker({}, async (worker) => {
      for (const id of [leaf, without]) {
        await server.post(`/api/swarm/${id}/start`);
        await reaches(id, 'completed');
      }
      expect(worker.begun.filter((key) => key === 'd')).toHaveLength(1);
      expect(worker.begun.filter((key) => key === 'b')).toHaveLength(1);
    });
  });

  test('an agent at work on a cancelled task is too late', async () => {
    const held = gate('a');
    await withWorker({ during: held.during, held }, async (worker) => {
      const id = await single();
      await server.post(`/api/swarm/${id}/start`);
      await waitFor(() => worker.begun.includes('a'), { deadlineMs: 10_000, what: 'a to begin' });
      expect((await cancel(id, 'task_001')).status).toBe(200);
      held.open();
      await reaches(id, 'completed');
      expect((await task(id, 'task_001')).task).toMatchObject({ status: 'cancelled', result: null });
    });
  });

  test('a failed task is done again, and what was skipped with it; ten retries at once are one', async () => {
    const id = await create({
      ...diamondSwarm,
      tasks: [...DIAMOND, { ...DIAMOND[0], key: 'z', name: 'Task z' }],
    });
    const held = gate('z');
    const failing = ['b'];
    await withWorker({ failing, during: held.during, held }, async () => {
      await server.post(`/api/swarm/${id}/start`);
      await waitFor(async () => (await data(id)).tasksByStatus.skipped === 1, {
        deadlineMs: 10_000,
        what: 'b to fail and d to be skipped',
      });
      expect((await retry(id, 'task_004')).json.message).toContain('comes back when the task that it needs');
      expect((await retry(id, 'task_001')).json).toMatchObject({ status: 409, code: 'task_state_conflict' });
      await server.post(`/api/swarm/${id}/pause`);
      failing.length = 0;
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => retry(id, 'task_002', i % 2 === 0 ? server : other)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
      expect(answers.filter(({ json }) => /1 skipped task waits/.test(json.message))).toHaveLength(1);
      expect((await task(id, 'task_002')).task).toMatchObject({ status: 'ready', failures: 0, error: null });
      expect((await task(id, 'task_004')).task).toMatchObject({ status: 'blocked', error: null });
      await server.post(`/api/swarm/${id}/resume`);
      held.open();
      await reaches(id, 'completed');
      expect((await task(id, 'task_002')).task).toMatchObject({ status: 'completed', attempt: 2 });
      const { json } = await server.call(`/api/swarm/${id}/tasks/task_002/attempts`);
      expect(json).toMatchObject({ swarmId: id, taskId: 'task_002', count: 2, complete: true });
      expect(json.attempts).toMatchObject([
        { attempt: 1, outcome: 'failed', code: 'model_refused', message: 'It would not.' },
        { attempt: 2, outcome: 'completed', code: null, message: null, workerId: 'mini-worker' },
      ]);
      for (const one of json.attempts) expect(one.startedAt <= one.endedAt).toBe(true);
      expect(await data(id)).toMatchObject({ reason: null, tasksByStatus: { completed: 5 } });
    });
  });

  test('404 for what is not there', async () => {
    const id = await single();
    expect((await cancel(id, 'task_099')).json.code).toBe('task_not_found');
    expect((await retry(id, 'nothing')).json.code).toBe('task_not_found');
    expect((await server.call(`/api/swarm/${id}/tasks/task_099/attempts`)).json.code).toBe('task_not_found');
    expect((await retry('swarm_a_000000000', 'task_001')).json.code).toBe('swarm_not_found');
  });
});

describe('API-34: list', () => {
  test('by status, several at once; a word that is none is 400', async () => {
    const id = await create();
    const ids = async (query: string) =>
      (await server.call(`/api/swarm/${id}/tasks${query}`)).json.tasks.map(
        (one: { id: { id: string } }) => one.id.id,
      );
    expect(await ids('?status=ready')).toEqual(['task_001']);
    expect(await ids('?status=ready,blocked')).toHaveLength(4);
    expect(await ids('?status=ready&status=blocked')).toHaveLength(4);
    expect(await ids('?status=failed')).toEqual([]);
    const bad = await server.call(`/api/swarm/${id}/tasks?status=ready,lost`);
    expect(bad.json).toMatchObject({ status: 400, details: [{ field: 'status' }] });
  });

  test('why a task does not run, before the start and while its worker is away', async () => {
    const id = await single();
    expect((await task(id, 'task_001')).why).toBe('Its swarm has not been started.');
    await server.post(`/api/swarm/${id}/start`);
    const ledger = await openLedger(redis);
    try {
      await waitFor(async () => (await task(id, 'task_001')).task.status === 'queued', {
        deadlineMs: 10_000,
        what: 'the task to be queued',
      });
      expect((await task(id, 'task_001')).why).toContain('waits for a worker');
      const claim = { swarmId: id, taskId: 'task_001', attempt: 1, token: 't' };
      await claimTask(ledger, { ...claim, workerId: 'w' });
      expect((await task(id, 'task_001')).why).toBeNull();
      const asked = { kind: 'turn.requested', turn: 1, attempt: 1 } as const;
      await appendJournal(ledger, claim, 0, asked, { trouble: 'The model provider cannot be reached.' });
      expect((await task(id, 'task_001')).why).toBe(
        'It runs, and its model is asked again: The model provider cannot be reached.',
      );
      await appendJournal(ledger, claim, 1, asked);
      expect((await task(id, 'task_001')).why).toBeNull();
    } finally {
      ledger.redis.disconnect();
    }
  });

  test('the graph: nodes with their level, an edge for each dependency', async () => {
    const id = await create();
    const { json } = await server.call(`/api/swarm/${id}/graph`);
    expect(json).toMatchObject({ swarmId: id, count: 4 });
    expect(json.nodes.map((node: { id: string; level: number }) => [node.id, node.level])).toEqual([
      ['task_001', 0],
      ['task_002', 1],
      ['task_003', 1],
      ['task_004', 2],
    ]);
    expect(json.edges).toEqual([
      { from: 'task_001', to: 'task_002' },
      { from: 'task_001', to: 'task_003' },
      { from: 'task_002', to: 'task_004' },
      { from: 'task_003', to: 'task_004' },
    ]);
    const empty = await server.call(`/api/swarm/${await create({ objective: OBJECTIVE })}/graph`);
    expect(empty.json).toMatchObject({ nodes: [], edges: [], count: 0 });
  });
});
