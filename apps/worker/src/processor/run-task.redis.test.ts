import { readdir } from 'node:fs/promises';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { readArtifact } from '@claude-flow/core/store/artifacts';
import { readLogs } from '@claude-flow/core/store/logs';
import { getSwarm } from '@claude-flow/core/store/swarms';
import { getResult } from '@claude-flow/core/store/task-reads';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../../test/fixture.ts';

let fixture: Fixture;
let model: Awaited<ReturnType<typeof startMockAnthropic>>;
beforeAll(async () => {
  fixture = await openFixture();
  model = await startMockAnthropic({ port: 0, seed: '7' });
  await fixture.worker(model.url);
});
afterAll(async () => {
  await fixture.close();
  await model.close();
});

describe('a task from the queue to its result', () => {
  it('runs, keeps its files, and sends its dependant on its way', async () => {
    const swarmId = await fixture.swarm([
      { name: 'Architecture', agentType: 'architect', type: 'design' },
      { name: 'Implement the API', dependencies: ['task_001'] },
    ]);
    const subscriber = await connectRedis({ url: fixture.redis.url, name: 'test-deltas', mode: 'patient' });
    const deltas: string[] = [];
    subscriber.on('message', (_channel, text) => deltas.push(JSON.parse(text).text));
    await subscriber.subscribe(fixture.ledger.keys.deltasChannel(swarmId));

    expect(await fixture.ended(swarmId)).toBe('completed');
    subscriber.disconnect();

    const lines = await fixture.lines(swarmId);
    expect(lines.indexOf('task.started task_002')).toBeGreaterThan(lines.indexOf('task.completed task_001'));
    const result = await getResult(fixture.ledger, swarmId, 'task_002');
    expect(result?.artifacts.length).toBeGreaterThan(0);
    for (const entry of result?.artifacts ?? []) {
      const content = await readArtifact(fixture.ledger, swarmId, entry.digest);
      expect(content?.length).toBe(entry.size);
    }
    const events = await fixture.events(swarmId);
    const completed = events.find((e) => e.type === 'task.completed' && e.taskId === 'task_002');
    expect(completed?.data).toMatchObject({
      name: 'Implement the API',
      agentType: 'coder',
      summary: expect.any(String),
      artifacts: result?.artifacts.map((entry) => entry.path),
    });
    const data = (completed?.data ?? {}) as Record<string, number>;
    const { turns, inputTokens = 0, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, costUsd } = data;
    const progress = events.filter((e) => e.type === 'task.progress' && e.taskId === 'task_002');
    expect(progress.map((e) => e.data['turn'])).toEqual(Array.from({ length: turns ?? 0 }, (_, i) => i + 1));
    expect(inputTokens + cacheReadTokens + cacheWriteTokens).toBeGreaterThan(0);
    expect(outputTokens).toBeGreaterThan(0);
    expect(costUsd).toBeGreaterThan(0);
    const stored = events.filter((e) => e.type === 'artifact.stored' && e.taskId === 'task_002');
    expect(stored.map((e) => e.data['path'])).toEqual(result?.artifacts.map((entry) => entry.path));
    const swarm = await getSwarm(fixture.ledger, swarmId);
    // What its worker used is known also now that it has ended.
    expect(swarm?.resources).toEqual([{ memoryBytes: expect.any(Number), cpu: expect.any(Number) }]);
    expect(swarm?.resources?.[0]?.memoryBytes).toBeGreaterThan(0);
    const states = await Promise.all(['task_001', 'task_002'].map((id) => fixture.task(swarmId, id)));
    expect(swarm?.costMicros).toBe(states.reduce((sum, view) => sum + view.state.costMicros, 0));
    expect(deltas.join('').length).toBeGreaterThan(0);
  });

  it('tells its owner what happens, and never what was said to the model', async () => {
    const secret = 'Handle the zebra protocol';
    const swarmId = await fixture.swarm([{ description: secret }]);
    await fixture.ended(swarmId);
    const logs = await readLogs(fixture.ledger, swarmId, { limit: 100, level: 'debug' });
    expect(logs.map((line) => line.message)).toEqual([
      expect.stringMatching(/^Started "Implement part 1" on worker/),
      expect.stringMatching(/^Completed "Implement part 1"/),
    ]);
    expect(logs.every((line) => line.source === 'coder-1' && line.taskId === 'task_001')).toBe(true);
    expect(JSON.stringify(logs)).not.toContain('zebra');
  });

  it('leaves no workspace behind', async () => {
    const homes = await readdir(fixture.workspaceRoot);
    expect(homes).toHaveLength(1);
    expect(await readdir(`${fixture.workspaceRoot}/${homes[0]}`)).toEqual([]);
  });

  it('acknowledges a job that came twice or late', async () => {
    const swarmId = await fixture.swarm([{}]);
    await fixture.ended(swarmId);
    const before = await fixture.lines(swarmId);
    const { calls } = await modelStats(model.url);
    for (const jobId of ['again', 'late']) {
      await fixture.queues.task.add('run', { swarmId, taskId: 'task_001', attempt: 1 }, { jobId });
    }
    await fixture.queues.task.add('run', { swarmId: 'nonsense' } as never, { jobId: 'nonsense' });
    const next = await fixture.swarm([{}]);
    expect(await fixture.ended(next)).toBe('completed');
    expect(await fixture.queues.task.getJobCounts()).toMatchObject({ waiting: 0, active: 0, failed: 0 });
    expect(await fixture.lines(swarmId)).toEqual(before);
    expect((await modelStats(model.url)).calls).toBeGreaterThan(calls);
  });
});

describe('a model in trouble', () => {
  const run = async (rules: object[], over: object = {}) => {
    await scenario(model.url, rules);
    const swarmId = await fixture.swarm([{ ...over }]);
    const status = await fixture.ended(swarmId);
    await scenario(model.url, []);
    return { swarmId, status, task: await fixture.task(swarmId) };
  };

  it('that is overloaded twice costs no attempt', async () => {
    const { status, task, swarmId } = await run([{ times: 2, respond: { status: 529 } }]);
    expect(status).toBe('completed');
    expect(task.state).toMatchObject({ attempt: 1, failures: 0 });
    const logs = await readLogs(fixture.ledger, swarmId, { limit: 10, level: 'warn' });
    expect(logs).toHaveLength(2);
    expect(logs[0]?.message).toMatch(/overloaded .*Trying again in/);
  });

  it.each([
    ['an error in the middle of a stream', { streamError: 'overloaded_error' }],
    ['a cut connection', { cutAfterBytes: 700 }],
    ['a rate limit with retry-after', { status: 429, retryAfterSeconds: 0 }],
    ['a failure of its own', { status: 500 }],
  ])('%s: the turn is made again', async (_name, respond) => {
    const { status, task } = await run([{ times: 1, respond }]);
    expect(status).toBe('completed');
    expect(task.state).toMatchObject({ attempt: 1, failures: 0 });
  });

  it('that refuses ends the task with a sentence, and is not asked again', async () => {
    const { calls } = await modelStats(model.url);
    const { status, task } = await run([{ respond: { stopReason: 'refusal' } }]);
    expect(status).toBe('failed');
    expect(task.state).toMatchObject({ status: 'failed', attempt: 1, errorCode: 'model_refused' });
    expect(task.state.errorMessage).toMatch(/declined.*\.$/);
    expect((await modelStats(model.url)).calls).toBe(calls + 1);
  });

  it('that rejects the request ends the task at once', async () => {
    const { status, task } = await run([{ respond: { status: 401 } }]);
    expect(status).toBe('failed');
    expect(task.state).toMatchObject({ attempt: 1, errorCode: 'model_rejected' });
    expect(task.state.errorMessage).toContain('ANTHROPIC_API_KEY');
  });

  it('that hangs runs into the task’s timeout; another attempt goes on', async () => {
    await scenario(model.url, [{ respond: { hang: true } }]);
    // Enough for the attempts after it, also on a machine with much to do: each goes on where the last one was.
    const swarmId = await fixture.swarm([{ timeoutMs: 1_500, maxRetries: 5 }]);
    const retrying = await fixture.seen(swarmId, 'task.retrying');
    expect(retrying.data).toMatchObject({ code: 'task_timeout', failures: 1 });
    await scenario(model.url, []);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await modelStats(model.url)).inFlight).toBe(0);
  });

  it('whose context is full ends the task with advice', async () => {
    const { task } = await run([{ respond: { stopReason: 'model_context_window_exceeded' } }]);
    expect(task.state).toMatchObject({ status: 'failed', errorCode: 'limit_exceeded' });
    expect(task.state.errorMessage).toContain('Split the task');
  });
});
