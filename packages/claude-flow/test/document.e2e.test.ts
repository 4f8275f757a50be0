import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { type MockAnthropic, startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ClaudeFlowClient } from '../src/client/client.ts';
import { type Program, printed, startProgram } from './run-program.ts';

const DEADLINE = { timeout: 60_000, interval: 50 };
const IMPORTS = `import * as headless from 'claude-flow/headless';\n`;
const OBJECTIVE = 'Build a REST API for user management';

let redis: TestRedis;
let model: MockAnthropic;
let programs: Program[] = [];
let count = 0;

beforeAll(async () => {
  [redis, model] = await Promise.all([startTestRedis(), startMockAnthropic()]);
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  programs = [];
});
afterAll(async () => {
  await model?.close();
  await redis?.stop();
});

function start(code: string, env: Record<string, string> = {}): Program {
  count += 1;
  const program = startProgram(code, {
    REDIS_URL: redis.url,
    REDIS_PREFIX: `${redis.prefix}-${count}`,
    ANTHROPIC_BASE_URL: model.url,
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...env,
  });
  programs.push(program);
  return program;
}

/** Runs to its own end. */
async function run(code: string, env: Record<string, string> = {}): Promise<Program> {
  const program = start(code, env);
  const { code: exit } = await program.ended;
  expect(exit, program.output()).toBe(0);
  return program;
}

/** A running system, the program, and then its end. */
const around = (setUp: string, work: string) => `
const { HeadlessSystem, createDefaultConfig } = headless;
const config = createDefaultConfig();
const system = new HeadlessSystem(config);
${setUp}
await system.start();
const post = (path, body) => fetch(system.url + path, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
}).then((response) => response.json());
${work}
await system.stop();
`;

test('basic-usage.js serves, and a swarm completes', async () => {
  const port = await freePort();
  const program = start(printed('basic-usage.js'), { PORT: String(port) });
  await expect.poll(() => program.output(), DEADLINE).toContain('System started on http://localhost:3000');
  const client = new ClaudeFlowClient(`http://127.0.0.1:${port}`);
  const { swarmId } = await client.createSwarm(OBJECTIVE, { autoStart: true });
  expect((await client.waitForCompletion(swarmId, 50, { timeoutMs: 60_000 })).status).toBe('completed');
});

test('advanced-config.js: its values are in force, and SIGTERM ends it in order', async () => {
  const port = await freePort();
  const code = printed('advanced-config.js')
    // The document forgets this import, and to call its function.
    .replace('import { HeadlessSystem }', 'import { HeadlessSystem, validateConfig }')
    .replace('port: 8080', `port: ${port}`);
  const keys = ['frontend-key-of-the-test', 'admin-key-of-the-test'];
  const program = start(`${code}\nadvancedExample();`, {
    FRONTEND_API_KEY: keys[0] ?? '',
    ADMIN_API_KEY: keys[1] ?? '',
  });
  await expect.poll(() => program.output(), DEADLINE).toContain('Advanced system configuration started');
  const create = (key: string) =>
    fetch(`http://127.0.0.1:${port}/api/swarm/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key, origin: 'https://myapp.com' },
      body: JSON.stringify({ objective: OBJECTIVE, maxAgents: 40 }),
    });
  for (const key of keys) {
    const answer = await create(key);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('ratelimit-limit')).toBe('200');
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://myapp.com');
    expect(await answer.json()).toMatchObject({ data: { maxAgents: 30 } });
  }
  expect((await create('another-key')).status).toBe(401);
  const health = await fetch(`http://127.0.0.1:${port}/api/health`);
  expect(await health.json()).toMatchObject({ environment: 'production' });
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(program.output()).toContain('shutting down gracefully');
});

test('advanced-config.js without its keys says so and ends', async () => {
  const code = printed('advanced-config.js').replace(
    'import { HeadlessSystem }',
    'import { HeadlessSystem, validateConfig }',
  );
  const program = start(`${code}\nadvancedExample();`);
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.output()).toContain('2 of 2 keys are not set');
});

test('custom-agents.js: an agent of its own type does the task that asks for what it can', async () => {
  const program = await run(
    `${IMPORTS}${printed('custom-agents.js')}${around(
      'system.coordinator = new CustomCoordinator(config.coordinator, system.bridge);',
      `const { coordinator } = system;
      const { swarmId } = await coordinator.createSwarm({ objective: 'Audit our login page', tasks: [] });
      const agent = await coordinator.spawnCustomAgent(swarmId, 'security-auditor', { name: 'first-auditor' });
      await coordinator.spawnCustomAgent(swarmId, 'stranger', {}).catch((error) => tell(error.message));
      await coordinator.createTask(swarmId, {
        name: 'Scan', description: 'Look for weak places', type: 'review',
        requirements: { capabilities: ['vulnerabilityScanning'] },
      });
      await coordinator.startSwarm(swarmId);
      const { status } = await coordinator.waitForCompletion(swarmId);
      const [task] = await coordinator.getTasks(swarmId);
      const agents = await coordinator.getAgents(swarmId);
      tell({ status, agent, task, done: agents.map(({ name, metrics }) => [name, metrics.tasksCompleted]) });`,
    )}`,
  );
  const [refusal, result] = program.told();
  expect(refusal).toBe('Unknown custom agent type: stranger');
  expect(result).toMatchObject({
    status: 'completed',
    agent: {
      type: 'security-auditor',
      name: 'first-auditor',
      capabilities: { securityAnalysis: true, vulnerabilityScanning: true, penetrationTesting: true },
    },
    done: [['first-auditor', 1]],
  });
  expect(result.task.assignedTo.id).toBe(result.agent.id.id);
  expect(result.task.result.output).not.toBe('');
});

test('plugin-system.js: its hooks are called by what happens', async () => {
  const program = await run(
    `${IMPORTS}
    const sent = [], stored = [];
    const sendToLogService = async (event, data) => { sent.push({ event, ...data }); throw new Error('log service away'); };
    const storeTaskMetrics = async (swarmId, taskId, result) => stored.push({ swarmId, taskId, result });
    ${printed('plugin-system.js')}${around(
      'system.use(pluginManager);',
      `const { swarmId } = await post('/api/swarm/create', { objective: '${OBJECTIVE}', autoStart: true });
      const { results } = await system.coordinator.waitForCompletion(swarmId);
      await system.stop();
      tell({ swarmId, sent, stored, outputs: results.outputs });`,
    )}`,
  );
  const [{ swarmId, sent, stored, outputs }] = program.told();
  expect(sent).toEqual([{ event: 'swarm.created', swarmId, objective: OBJECTIVE }]);
  expect(program.output()).toContain(`[PLUGIN] Swarm created: ${swarmId}`);
  expect(program.output()).toContain('Plugin hook error (swarm.created)');
  const told = stored.map(({ taskId, result }: { taskId: string; result: { output: string } }) => [
    taskId,
    result.output,
  ]);
  expect(Object.fromEntries(told)).toEqual(outputs);
  expect(told.length).toBeGreaterThan(3);
});

test('custom-strategies.js: agents and tasks of each strategy, and they are done', async () => {
  const program = await run(
    `${IMPORTS}${printed('custom-strategies.js')}${around(
      '',
      // The document's class names a method that it does not have, so that it cannot be made as it is.
      `class Strategies extends CustomStrategyManager {
        async securityAuditStrategy() { return {}; }
      }
      const manager = new Strategies(system.coordinator);
      for (const name of ['microservices', 'ai-training']) {
        const objective = 'Build a shop out of ' + name;
        const { swarmId } = await system.coordinator.createSwarm({ objective, tasks: [] });
        const made = await manager.executeStrategy(swarmId, name, objective);
        const agents = (await system.coordinator.getAgents(swarmId)).map((agent) => agent.name);
        await system.coordinator.startSwarm(swarmId);
        const { status, results } = await system.coordinator.waitForCompletion(swarmId);
        const types = (await system.coordinator.getTasks(swarmId)).map((task) => task.type);
        tell({ made, agents, status, types, outputs: Object.values(results.outputs) });
      }
      await manager.executeStrategy('x', 'nothing', 'y').catch((error) => tell(error.message));`,
    )}`,
  );
  const [microservices, training, refusal] = program.told();
  expect(microservices).toMatchObject({
    made: { strategy: 'microservices', agents: 5, tasks: 4 },
    status: 'completed',
    types: ['system-design', 'coding', 'configuration', 'testing'],
  });
  expect(microservices.agents).toContain('docker-specialist');
  expect(training).toMatchObject({
    made: { strategy: 'ai-training', agents: 4, tasks: 5 },
    status: 'completed',
    types: ['data-processing', 'model-design', 'coding', 'validation', 'deployment'],
  });
  expect(training.outputs.every((output: string) => output.length > 0)).toBe(true);
  expect(refusal).toBe('Unknown strategy: nothing');
});

test('metrics-system.js: createSwarm and executeTask of the subclass are called, over HTTP too', async () => {
  const program = await run(
    `import { HeadlessCoordinator } from 'claude-flow/headless';\n${IMPORTS}${printed('metrics-system.js')}${around(
      'system.coordinator = new MetricsEnabledCoordinator(config.coordinator, system.bridge);',
      `const { coordinator } = system;
      const { swarmId } = await post('/api/swarm/create', {
        objective: '${OBJECTIVE}', strategy: 'development', autoStart: true,
      });
      await coordinator.waitForCompletion(swarmId);
      const own = await coordinator.createSwarm({ id: 'mine', objective: '${OBJECTIVE}', strategy: 'testing' });
      const again = await coordinator.createSwarm({ id: 'mine', objective: '${OBJECTIVE}', strategy: 'testing' });
      const refused = await post('/api/swarm/create', { objective: 'short' });
      const tasks = (await coordinator.getTasks(swarmId)).map((task) => task.id.id);
      const of = (name) => coordinator.metrics.getMetrics(name);
      tell({
        swarmId, tasks, same: own.swarmId === again.swarmId, refused,
        created: of('swarm_creation_duration'), errors: of('swarm_creation_errors'), executed: of('task_execution_duration'),
      });`,
    )}`,
  );
  const [{ swarmId, tasks, same, refused, created, errors, executed }] = program.told();
  expect(created.map(({ tags }: { tags: object }) => tags)).toEqual([
    { strategy: 'development' },
    { strategy: 'testing' },
    { strategy: 'testing' },
  ]);
  expect(same).toBe(true);
  expect(refused).toMatchObject({
    status: 400,
    code: 'validation_failed',
    details: [{ field: 'objective' }],
  });
  expect(errors).toHaveLength(1);
  const ids = executed.map(({ tags }: { tags: { taskId: string } }) => tags.taskId);
  expect(ids.toSorted()).toEqual(tasks);
  expect(executed.every(({ tags }: { tags: { swarmId: string } }) => tags.swarmId === swarmId)).toBe(true);
  expect(executed.every(({ value }: { value: number }) => value > 0)).toBe(true);
});

test('performance-metrics.js instruments a system, and serves what it measured', async () => {
  const program = await run(
    `${IMPORTS}${printed('performance-metrics.js')}${around(
      'instrumentHeadlessSystem(system);',
      `await post('/api/swarm/create', { objective: '${OBJECTIVE}', strategy: 'development' });
      await system.coordinator.createSwarm({ objective: '${OBJECTIVE}', strategy: 'development' });
      await post('/api/swarm/create', { objective: 'short', strategy: 'research' });
      await post('/api/swarm/create', { objective: '${OBJECTIVE}' });
      const answer = await fetch(system.url + '/metrics');
      tell({ type: answer.headers.get('content-type'), text: await answer.text() });`,
    )}`,
  );
  const [{ type, text }] = program.told();
  expect(type).toBe('text/plain');
  expect(text).toContain('swarm_creation_total{strategy="development"} 2');
  expect(text).toContain('swarm_creation_success{strategy="development"} 2');
  expect(text).toContain('swarm_creation_success{strategy="auto"} 1');
  expect(text).toContain('swarm_creation_errors{error="HttpRefusal",strategy="research"} 1');
  expect(text).toContain('swarm_creation_duration{strategy="development"}_count 2');
});

test('auto-recovery.js: pauses, stops a swarm, and gives the system a new bridge', async () => {
  const program = await run(
    `import { ExecutionBridge } from 'claude-flow/headless';\n${IMPORTS}${printed('auto-recovery.js')}${around(
      '',
      `const recovery = new AutoRecovery(system);
      recovery.backoffDelay = 50;
      // It asks the provider's own address, which a test does not.
      recovery.testConnectivity = async () => true;
      const named = (name) => Object.assign(new Error(name), { name });
      // The pause lasts until the request made during it has its answer, however slow the machine.
      const resume = system.resumeOperations.bind(system);
      const askedToResume = new Promise((resolve) => { system.resumeOperations = resolve; });
      const paused = recovery.handleSystemError(named('MemoryError'), {});
      const during = await post('/api/swarm/create', { objective: '${OBJECTIVE}' });
      const memory = await paused;
      await askedToResume;
      resume();
      const { swarmId } = await post('/api/swarm/create', { objective: '${OBJECTIVE}' });
      const timeout = await recovery.handleSystemError(named('TimeoutError'), { swarmId });
      const stopped = await system.coordinator.getSwarm(swarmId);
      const before = system.bridge;
      const connection = await recovery.handleSystemError(named('ConnectionError'), {});
      const next = await post('/api/swarm/create', { objective: '${OBJECTIVE}', autoStart: true });
      const { status } = await system.coordinator.waitForCompletion(next.swarmId);
      tell({ during, memory, timeout, stopped, connection, other: before !== system.bridge, status });`,
    )}`,
  );
  const [told] = program.told();
  expect(told).toMatchObject({
    during: { status: 503, retryAfter: 5 },
    memory: true,
    timeout: true,
    stopped: { status: 'failed', reason: 'stopped' },
    connection: true,
    other: true,
    status: 'completed',
  });
});
