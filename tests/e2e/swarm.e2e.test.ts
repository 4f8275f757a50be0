import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { SwarmMonitor } from 'claude-flow/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEvents, clientOf, completed, taskWhere, upTo } from './support/swarm.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apis: 2, schedulers: 2, workers: 2, model: { kind: 'mock', latencyMs: 20 } });
});
afterAll(() => stack?.stop());

test('created on one API, started on another, observed on a third connection: every event once, in order', async () => {
  const [one, other] = stack.apiUrls.map((url) => clientOf(url));
  if (one === undefined || other === undefined) throw new Error('two APIs are needed');
  const { swarmId, status } = await one.createSwarm('Build a REST API for user management', {
    strategy: 'development',
  });
  expect(status).toBe('planning');

  const seen: { seq: number; type: string }[] = [];
  const monitor = new SwarmMonitor(stack.apiUrls[0]);
  monitor.on('swarm_event', ({ seq, eventType }) => seen.push({ seq, type: eventType }));
  monitor.subscribe(swarmId);
  monitor.connect();
  expect((await other.startSwarm(swarmId)).status).toBe('executing');

  const details = await completed(one, swarmId);
  const events = await allEvents(other, swarmId);
  await waitFor(() => seen.length >= events.length, {
    deadlineMs: 10_000,
    what: 'the monitor saw all events',
  });
  monitor.close();

  expect(events.map((event) => event.seq)).toEqual(upTo(events.length));
  expect(seen.map((event) => event.seq)).toEqual(upTo(events.length));
  expect(seen.map((event) => event.type)).toEqual(events.map((event) => event.type));
  expect(details.progress.completedTasks).toBe(details.progress.totalTasks);
  expect(details.progress.percentComplete).toBe(100);
  expect(details.usage?.costUsd).toBeGreaterThan(0);
});

test('what a finished swarm leaves: results, files, agents, logs, cost', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Build a REST API for book lending', {
    strategy: 'development',
    autoStart: true,
  });
  await completed(client, swarmId);
  const { tasks } = await client.getTasks(swarmId);
  expect(tasks.length).toBeGreaterThan(3);
  expect(tasks.at(-1)?.agentType).toBe('synthesizer');
  for (const task of tasks) {
    expect(task.status).toBe('completed');
    expect(task.result?.output.length).toBeGreaterThan(0);
    expect(task.result?.executionTime).toBeGreaterThan(0);
  }
  const { results } = await client.getResults(swarmId);
  expect(Object.keys(results.outputs).sort()).toEqual(tasks.map((task) => task.id.id).sort());
  expect(results.overallQuality).toBeNull();
  expect(results.totalExecutionTime).toBeGreaterThan(0);

  const { artifacts } = await client.listArtifacts(swarmId);
  expect(artifacts.length).toBeGreaterThan(2);
  for (const { taskId, path, size } of artifacts) {
    expect((await client.downloadArtifact(swarmId, taskId, path)).byteLength).toBe(size);
  }
  const { agents } = await client.getAgents(swarmId);
  expect(agents.reduce((sum, agent) => sum + agent.metrics.tasksCompleted, 0)).toBe(tasks.length);
  expect((await client.getLogs(swarmId, { limit: 100, level: 'info' })).count).toBeGreaterThan(0);
});

test('ten swarms at once complete, each with its own outputs', async () => {
  const subjects = [
    'users',
    'books',
    'orders',
    'invoices',
    'recipes',
    'songs',
    'tickets',
    'parcels',
    'rooms',
    'games',
  ];
  const clients = stack.apiUrls.map((url) => clientOf(url));
  const outputs = await Promise.all(
    subjects.map(async (subject, index) => {
      const client = clients[index % clients.length];
      if (client === undefined) throw new Error('no API');
      const { swarmId } = await client.createSwarm(`Build a REST API for managing ${subject}`, {
        strategy: 'development',
        maxAgents: 3,
        autoStart: true,
      });
      await completed(client, swarmId, 100_000);
      return { subject, text: JSON.stringify((await client.getResults(swarmId)).results) };
    }),
  );
  expect(new Set(outputs.map(({ text }) => text)).size).toBe(subjects.length);
  for (const { subject, text } of outputs) {
    expect(text.toLowerCase()).toContain(subject.slice(0, -1));
    for (const other of subjects) if (other !== subject) expect(text).not.toContain(`managing ${other}`);
  }
});

test('a diamond of the caller keeps its order: two dependencies, both first', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const task = (key: string, ...dependencies: string[]) => ({
    key,
    name: `Part ${key}`,
    description: `Write the part named ${key}.`,
    agentType: 'coder' as const,
    dependencies,
    requirements: { permissions: ['read', 'write'] as ('read' | 'write')[] },
  });
  const { swarmId } = await client.createSwarm('Four parts in the right order', {
    autoStart: true,
    tasks: [task('top'), task('left', 'top'), task('right', 'top'), task('bottom', 'left', 'right')],
  });
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  const at = (type: string, taskId: string) => {
    const found = events.find((event) => event.type === type && event.taskId === taskId);
    if (found === undefined) throw new Error(`no ${type} of ${taskId}`);
    return found.seq;
  };
  for (const middle of ['task_002', 'task_003']) {
    expect(at('task.started', middle)).toBeGreaterThan(at('task.completed', 'task_001'));
    expect(at('task.started', 'task_004')).toBeGreaterThan(at('task.completed', middle));
  }
  expect(events.filter((event) => event.type === 'swarm.planned')).toHaveLength(1);
  expect(events.find((event) => event.type === 'swarm.planned')?.data['source']).toBe('caller');
});

test('both workers take part, and no task has two results', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const tasks = upTo(12).map((n) => ({
    key: `t${n}`,
    name: `Note ${n}`,
    description: `Write a short note number ${n}.`,
    agentType: 'researcher' as const,
  }));
  const { swarmId } = await client.createSwarm('Twelve notes side by side', {
    maxAgents: 12,
    autoStart: true,
    tasks,
  });
  await completed(client, swarmId);
  const events = await allEvents(client, swarmId);
  const workers = new Set(events.filter((e) => e.type === 'task.started').map((e) => e.data['workerId']));
  expect(workers.size).toBe(2);
  const results = events.filter((event) => event.type === 'task.completed').map((event) => event.taskId);
  expect(results.length).toBe(new Set(results).size);
  expect(results.length).toBe(12);
});

test('the status never runs ahead: a task that runs has its agent, and the agent is busy', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const { swarmId } = await client.createSwarm('Research the history of the bicycle', {
    strategy: 'research',
    autoStart: true,
  });
  const running = await taskWhere(client, swarmId, 'a task runs', (task) => task.status === 'running');
  expect(running.assignedTo?.id).toMatch(/^agent_/);
  expect((await client.getSwarmStatus(swarmId)).data.status).toBe('executing');
  await completed(client, swarmId);
});
