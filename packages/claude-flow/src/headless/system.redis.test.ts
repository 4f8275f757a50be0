import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { ClaudeFlowClient } from '../client/client.ts';
import { OBJECTIVE, post, TWO_TASKS, useSystems, WAIT } from '../test/systems.ts';
import { PluginManager } from './plugins.ts';
import { CustomStrategyManager } from './strategies/custom-strategy-manager.ts';
import type { TaskOutcome } from './wishes.ts';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';
const own = useSystems();
const makeSystem = own.make;

describe('a system', () => {
  it('starts, runs what the library and HTTP ask for alike, stops, and starts again', async () => {
    const system = makeSystem();
    expect(system.url).toBeUndefined();
    await Promise.all([system.start(), system.start()]);
    const { swarmId } = await system.coordinator.createSwarm({ objective: OBJECTIVE, autoStart: true });
    const client = new ClaudeFlowClient(system.url);
    const overHttp = await client.waitForCompletion(swarmId, 50, WAIT);
    expect(overHttp.status).toBe('completed');
    expect(await system.coordinator.getResults(swarmId)).toEqual(overHttp);
    expect(await system.coordinator.getTasks(swarmId)).toEqual((await client.getTasks(swarmId)).tasks);
    expect(await system.coordinator.getAgents(swarmId)).toEqual((await client.getAgents(swarmId)).agents);
    const { data } = await client.getSwarmStatus(swarmId);
    expect(await system.coordinator.getSwarm(swarmId)).toEqual(data);
    const measured = await (await fetch(`${system.url}/metrics`)).text();
    expect(measured.match(/^# TYPE claude_flow_transitions_total counter$/gm)).toHaveLength(1);
    for (const [script, service] of [
      ['create-swarm', 'api'],
      ['store-plan', 'scheduler'],
      ['complete-tasks', 'worker'],
    ]) {
      expect(measured).toMatch(
        new RegExp(
          `claude_flow_transitions_total\\{[^}]*script="${script}"[^}]*service="${service}"[^}]*\\} [1-9]`,
        ),
      );
    }
    await system.stop();
    await system.stop();
    await expect(fetch(`${client.baseUrl}/livez`)).rejects.toThrow();
    await system.start();
    const again = await system.coordinator.createSwarm({ objective: OBJECTIVE, autoStart: true });
    expect((await system.coordinator.waitForCompletion(again.swarmId, WAIT)).status).toBe('completed');
  });

  it('that cannot start says all that is wrong, and leaves nothing behind', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const system = makeSystem(({ api }) => Object.assign(api, { port }));
    await expect(system.start()).rejects.toThrow(`Port ${port} on 127.0.0.1 is already in use (EADDRINUSE)`);
    await new Promise((resolve) => taken.close(resolve));
    await system.start();
    expect(system.apiServer.port).toBe(port);
    const broken = makeSystem(({ coordinator, bridge }) => {
      coordinator.memoryThreshold = 1;
      bridge.maxRetries = 99;
    });
    await expect(broken.start()).rejects.toThrow(
      /Memory threshold too low[\s\S]*MAX_RETRIES must be at most 10/,
    );
  });

  it('takes no new swarm while operations are paused; what runs goes on', async () => {
    const system = await makeSystem().start();
    const running = await system.coordinator.createSwarm({ objective: OBJECTIVE });
    system.pauseNewOperations();
    const refused = await post(system, '/api/swarm/create', { objective: OBJECTIVE });
    expect([refused.status, refused.body['retryAfter']]).toEqual([503, 5]);
    await expect(system.coordinator.createSwarm(OBJECTIVE)).rejects.toThrow('operations are paused');
    await system.coordinator.startSwarm(running.swarmId);
    expect((await system.coordinator.waitForCompletion(running.swarmId, WAIT)).status).toBe('completed');
    system.resumeOperations();
    expect((await post(system, '/api/swarm/create', { objective: OBJECTIVE })).status).toBe(201);
  });

  it('cuts off a model that does not begin to answer within asyncTimeout, and asks again', async () => {
    let asked = 0;
    const silent = createServer((socket) => {
      asked += 1;
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const system = makeSystem(({ bridge }) => Object.assign(bridge, { asyncTimeout: 200 }), {
      env: { ...own.baseEnv(), ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` },
    });
    await system.start();
    const { coordinator } = system;
    const tasks = TWO_TASKS.slice(0, 1);
    const { swarmId } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks, autoStart: true });
    await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
    await coordinator.stopSwarm(swarmId);
    await system.stop();
    silent.close();
  });

  it('hides its measurements when told to, and serves routes of the program’s own', async () => {
    const system = makeSystem(({ environment }) => Object.assign(environment, { enableMetrics: false }));
    system.apiServer.app.get('/hello/:name', (req, res) => {
      res.status(202).set('X-Own', 'yes').json({ hello: req.params['name'], loud: req.query['loud'] });
    });
    await system.start();
    expect((await fetch(`${system.url}/metrics`)).status).toBe(404);
    const hello = await fetch(`${system.url}/hello/you?loud=1`);
    expect([hello.status, hello.headers.get('x-own'), await hello.json()]).toEqual([
      202,
      'yes',
      { hello: 'you', loud: '1' },
    ]);
    // Routes may come later, and win over the API's.
    system.apiServer.app.post('/echo', (req: { body: unknown }) => ({ got: req.body }));
    expect((await post(system, '/echo', { a: 1 })).body).toEqual({ got: { a: 1 } });
    system.apiServer.app.get('/broken', () => {
      throw new Error('secret detail');
    });
    const broken = await fetch(`${system.url}/broken`);
    expect([broken.status, (await broken.text()).includes('secret detail')]).toEqual([500, false]);
    expect((await fetch(`${system.url}/api/health`)).status).toBe(200);
  });

  it('accepts keys and tokens of its own manager, each its own owner, until revoked', async () => {
    const system = makeSystem(({ api }) => {
      api.authentication = { enabled: true, jwtSecret: SECRET };
    });
    await system.start();
    const ann = system.auth.generateApiKey('ann');
    const reader = system.auth.generateApiKey('bob', ['swarms:read']);
    const token = system.auth.generateJWT({ userId: 'cid' });
    const powerless = system.auth.generateApiKey('dan', []);
    const create = (headers: Record<string, string>) =>
      post(system, '/api/swarm/create', { objective: OBJECTIVE }, headers);
    const made = await create({ 'x-api-key': ann.apiKey });
    expect(made.status).toBe(201);
    const path = `/api/swarm/${made.body['swarmId']}`;
    const get = async (headers: Record<string, string>) =>
      (await fetch(`${system.url}${path}`, { headers })).status;
    expect(await get({ 'x-api-key': ann.apiKey })).toBe(200);
    expect(await get({ 'x-api-key': reader.apiKey })).toBe(404);
    expect((await create({ 'x-api-key': reader.apiKey })).status).toBe(403);
    expect((await create({ 'x-api-key': powerless.apiKey })).status).toBe(403);
    expect((await create({ authorization: `Bearer ${token}` })).status).toBe(201);
    expect(system.auth.getUserApiKeys('ann')[0]?.usageCount).toBe(2);
    const headers = { 'x-api-key': ann.apiKey, accept: 'text/event-stream' };
    const stream = await fetch(`${system.url}${path}/events`, { headers });
    expect(stream.status).toBe(200);
    const { ticket } = (await post(system, '/api/ws-ticket', {}, { 'x-api-key': ann.apiKey })).body;
    const other = system.auth.generateApiKey('ann');
    system.auth.revokeApiKey(ann.apiKey);
    expect(await get({ 'x-api-key': ann.apiKey })).toBe(401);
    expect(await get({ 'x-api-key': other.apiKey })).toBe(200);
    // What it has open ends, and what it was given opens nothing.
    await stream.text();
    const socket = new WebSocket(`${system.url?.replace('http', 'ws')}/ws?ticket=${ticket}`);
    await new Promise((resolve) => socket.addEventListener('error', resolve));
  });
});

describe('strategies', () => {
  it.each(['microservices', 'ai-training', 'security-audit'])(
    '%s: a graph in which work depends on work, done',
    async (name) => {
      const system = await makeSystem().start();
      const manager = new CustomStrategyManager(system.coordinator);
      const { swarmId, status, results } = await manager.run(
        name,
        { objective: `Something by ${name}` },
        WAIT,
      );
      expect(status).toBe('completed');
      const tasks = await system.coordinator.getTasks(swarmId);
      expect(Object.keys(results.outputs)).toHaveLength(tasks.length);
      expect((await system.coordinator.getSwarm(swarmId)).strategy).toBe(name);
      const needed = new Set(tasks.flatMap((task) => task.dependencies));
      // One end only: everything leads to it.
      expect(tasks.filter((task) => !needed.has(task.id.id))).toHaveLength(1);
      expect(tasks.some((task) => task.dependencies.length > 1)).toBe(true);
      // The agents that the strategy spawned did it, not others in their place.
      const agents = await system.coordinator.getAgents(swarmId);
      const done = agents.reduce((sum, agent) => sum + agent.metrics.tasksCompleted, 0);
      expect(done).toBe(tasks.length);
    },
  );

  it('of the program’s own make real graphs; a name that nobody knows is refused, over HTTP any but the six', async () => {
    const system = await makeSystem().start();
    const { coordinator } = system;
    const manager = new CustomStrategyManager(coordinator);
    manager.registerStrategy('haiku', async (swarmId, objective) => {
      const line = (name: string, dependencies: string[] = []) =>
        coordinator.createTask(swarmId, { name, description: `A line about: ${objective}`, dependencies });
      const [first, second] = await Promise.all([line('First'), line('Second')]);
      await line('Third', [first.id.id, second.id.id]);
    });
    const { swarmId, status } = await manager.run('haiku', { objective: 'The sea in winter' }, WAIT);
    expect(status).toBe('completed');
    const [, , third] = await coordinator.getTasks(swarmId);
    expect(third?.dependencies).toHaveLength(2);
    await expect(coordinator.createSwarm({ objective: OBJECTIVE, strategy: 'ode' })).rejects.toThrow(
      /Unknown strategy: ode\. Known: .*haiku/,
    );
    await expect(manager.executeStrategy(swarmId, 'ode', '')).rejects.toThrow('Unknown strategy: ode');
    expect(
      (await post(system, '/api/swarm/create', { objective: OBJECTIVE, strategy: 'haiku' })).status,
    ).toBe(400);
  });
});

it('each event is told once, the last ones too', async () => {
  const system = makeSystem();
  await system.start();
  const { coordinator } = system;
  const told: string[] = [];
  for (const type of ['task.completed', 'swarm.completed', 'swarm.stopped'])
    coordinator.on(type, ({ swarmId }: { swarmId: string }) => told.push(`${swarmId} ${type}`));
  const tasks = TWO_TASKS.slice(0, 1);
  const swarmIds: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const wish = { objective: OBJECTIVE, tasks, autoStart: true };
    const made = await Promise.all(Array.from({ length: 10 }, () => coordinator.createSwarm(wish)));
    await Promise.all(made.map(({ swarmId }) => coordinator.waitForCompletion(swarmId, WAIT)));
    swarmIds.push(...made.map(({ swarmId }) => swarmId));
  }
  // What was to come has come when a later swarm's end has.
  const { swarmId: later } = await coordinator.createSwarm({ objective: OBJECTIVE, tasks });
  await coordinator.stopSwarm(later);
  await vi.waitFor(() => expect(told).toContain(`${later} swarm.stopped`), WAIT.timeoutMs);
  const expected = swarmIds.flatMap((id) => [`${id} task.completed`, `${id} swarm.completed`]);
  expect(told.toSorted()).toEqual([...expected, `${later} swarm.stopped`].toSorted());
});

it('plugins see a start, every event of every swarm in order, and the end', async () => {
  const heard: unknown[][] = [];
  const hear =
    (name: string) =>
    (...args: unknown[]) => {
      heard.push([name, ...args]);
    };
  const plugins = new PluginManager();
  const names = [
    'swarm.created',
    'swarm.started',
    'task.started',
    'task.completed',
    'agent.spawned',
    'swarm.completed',
  ];
  plugins.registerPlugin('ears', {
    hooks: Object.fromEntries(names.map((name) => [name, hear(name)])),
    onStart: hear('onStart'),
    onStop: hear('onStop'),
  });
  const system = makeSystem(() => {}, { plugins });
  const events: string[] = [];
  for (const name of names) system.coordinator.on(name, () => events.push(name));
  await system.start();
  const { swarmId } = await system.coordinator.createSwarm({
    objective: OBJECTIVE,
    tasks: TWO_TASKS,
    autoStart: true,
  });
  const { results } = await system.coordinator.waitForCompletion(swarmId, WAIT);
  await vi.waitFor(() => expect(heard.at(-1)?.[0]).toBe('swarm.completed'));
  await system.stop();
  const order = heard.map(([name]) => name);
  expect(order[0]).toBe('onStart');
  expect(order.at(-1)).toBe('onStop');
  expect(order.slice(1, -1)).toEqual(events);
  expect(heard[0]?.[1]).toBe(system);
  expect(heard[1]).toEqual(['swarm.created', swarmId, OBJECTIVE]);
  const completed = heard.filter(([name]) => name === 'task.completed');
  expect(completed.map(([, id, taskId, result]) => [id, taskId, (result as TaskOutcome).output])).toEqual(
    Object.entries(results.outputs).map(([taskId, output]) => [swarmId, taskId, output]),
  );
});
