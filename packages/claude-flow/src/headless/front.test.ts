import type { Principal } from '@claude-flow/api/auth/principal';
import type { AppEnv } from '@claude-flow/api/http/app-env';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { HeadlessCoordinator } from './coordinator.ts';
import type { Engine } from './engine.ts';
import { createFront } from './front.ts';
import { createHttpCalls } from './http-calls.ts';
import type { AgentWish, TaskWish } from './wishes.ts';

const SWARM = '/api/swarm/swarm_a_000000000';

class Watching extends HeadlessCoordinator {
  readonly seen: unknown[] = [];

  override async createTask(swarmId: string, task: TaskWish) {
    this.seen.push([swarmId, task.name]);
    const created = await super.createTask(swarmId, { ...task, priority: 'high' });
    this.seen.push(created);
    return created;
  }

  override async spawnAgent(swarmId: string, agent: AgentWish) {
    this.seen.push([swarmId, agent.type]);
    return await super.spawnAgent(swarmId, agent).catch((error: Error) => {
      this.seen.push(`${error.name}: ${error.message}`);
      throw error;
    });
  }
}

/** Routes as the API has them: a task is made, an agent refused. */
function serve() {
  const calls = createHttpCalls();
  const coordinator = new Watching();
  coordinator.connect({ calls } as Engine);
  const app = new Hono<AppEnv>();
  app.onError((_error, c) => c.text('no', 500));
  const none = async () => undefined;
  const principal: Principal = { owner: 'local', rights: ['swarms:write'], seesAll: false };
  app.use(async (c, next) => {
    c.set('principal', principal);
    await next();
  });
  app.use(
    createFront({
      calls,
      coordinator: () => coordinator,
      mayWrite: async (_principal, swarmId) => swarmId !== undefined && !swarmId.includes('other'),
      answer: none,
      metricsOn: true,
      measurements: async () => 'all\n',
      closed: () => undefined,
    }),
  );
  app.post('/api/swarm/:id/tasks', async (c) =>
    c.json({ taskId: 'task_001', data: await c.req.json() }, 201),
  );
  app.post('/api/swarm/:id/agents', (c) => c.json({ message: 'It is full.', code: 'swarm_full' }, 409));
  app.get('/metrics', (c) => (c.req.header('x-api-key') ? c.text('own\n') : c.text('no', 401)));
  const post = (path: string, body: string | Buffer<ArrayBuffer>) =>
    app.request(`${SWARM}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return { app, coordinator, post };
}

describe('what comes over HTTP goes through the coordinator', () => {
  it('a task: the override sees it, may change it, and gets what the route made', async () => {
    const { coordinator, post } = serve();
    const answer = await post('/tasks', JSON.stringify({ name: 'Look', priority: 'low' }));
    expect(answer.status).toBe(201);
    const data = { name: 'Look', priority: 'high' };
    expect(await answer.json()).toEqual({ taskId: 'task_001', data });
    expect(coordinator.seen).toEqual([['swarm_a_000000000', 'Look'], data]);
  });

  it('an agent: the route’s refusal stands, and the override learns of it', async () => {
    const { coordinator, post } = serve();
    const answer = await post('/agents', JSON.stringify({ type: 'coder' }));
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { message: 'It is full.', code: 'swarm_full' },
    ]);
    expect(coordinator.seen).toEqual([['swarm_a_000000000', 'coder'], 'HttpRefusal: It is full.']);
  });

  it('one that the caller does not reach is left to the route', async () => {
    const { app, coordinator } = serve();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'Look' });
    const answer = await app.request('/api/swarm/other/tasks', { method: 'POST', body, headers });
    expect(answer.status).toBe(201);
    expect(coordinator.seen).toEqual([]);
  });

  it('what is no object is left to the route', async () => {
    const { coordinator, post } = serve();
    for (const body of ['[]', '"text"', 'null', '1']) expect((await post('/tasks', body)).status).toBe(201);
    expect((await post('/tasks', '{"name"')).status).toBe(500);
    const noText = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect((await post('/agents', noText)).status).toBe(409);
    // Nested deeper than can be written again.
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await post('/agents', deep)).status).toBe(409);
    expect(coordinator.seen).toEqual([]);
  });

  it('measurements of the whole process: for those who may see the API’s own', async () => {
    const { app } = serve();
    expect(await (await app.request('/metrics', { headers: { 'x-api-key': 'k' } })).text()).toBe('all\n');
    expect((await app.request('/metrics')).status).toBe(401);
  });
});
