import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClaudeFlowClient } from './client.ts';
import { SwarmMonitor } from './monitor.ts';

const ADMIN = 'the-administrator-of-this-test';
const KEY = `cf_${'a'.repeat(64)}`;
/** Longer than a swarm takes on a busy machine. */
const DEADLINE = { timeout: 90_000, interval: 50 };

describe('the client and the real API', () => {
  let stack: Stack;
  let port: string;
  const auth = { AUTH_ENABLED: 'true', API_KEYS: KEY, ADMIN_API_KEYS: ADMIN };

  beforeAll(async () => {
    port = String(await freePort());
    stack = await startStack({
      model: { kind: 'mock', latencyMs: 100 },
      envFor: { api: { PORT: port, ...auth } },
    });
  });
  afterAll(() => stack?.stop());

  it('loses and repeats no event when the API is killed and comes back', async () => {
    const url = stack.apiUrls[0] ?? '';
    // Patient enough for an API that takes its time to come back on a busy machine.
    const client = new ClaudeFlowClient(url, { apiKey: KEY, retries: 10 });
    const created = await client.createSwarm('Build a small calculator', {
      maxAgents: 2,
      idempotencyKey: 'k1',
    });
    const again = await client.createSwarm('Build a small calculator', {
      maxAgents: 2,
      idempotencyKey: 'k1',
    });
    expect(again.swarmId).toBe(created.swarmId);
    const { swarmId } = created;

    const seen: number[] = [];
    const monitor = new SwarmMonitor(url, { apiKey: KEY, reconnect: { baseMs: 50, capMs: 500 } });
    monitor.on('swarm_event', ({ seq }) => seen.push(seq));
    monitor.connect();
    monitor.subscribe(swarmId);
    const streamed = (async () => {
      const events = [];
      for await (const event of client.events(swarmId)) events.push(event);
      return events;
    })();
    expect((await client.startSwarm(swarmId)).status).toBe('executing');
    const done = client.waitForCompletion(swarmId, 200, { timeoutMs: 90_000 });

    await expect.poll(() => seen.length, DEADLINE).toBeGreaterThan(15);
    const [api] = stack.apis;
    api?.kill('SIGKILL');
    await api?.exited;
    await stack.startApi();

    const { status, results } = await done;
    expect(status).toBe('completed');
    const events = await streamed;
    const { lastEvent } = (await client.getSwarmStatus(swarmId)).data;
    const all = Array.from({ length: lastEvent }, (_, index) => index + 1);
    expect(events.map((event) => event.seq)).toEqual(all);
    expect(events.at(-1)?.type).toBe('swarm.completed');
    await expect.poll(() => seen, DEADLINE).toEqual(all);
    monitor.close();

    const { artifacts } = await client.listArtifacts(swarmId);
    const [file] = artifacts;
    const content = await client.downloadArtifact(swarmId, file?.taskId ?? '', file?.path ?? '');
    expect(content.byteLength).toBe(file?.size);
    expect(Object.keys(results.outputs)).toHaveLength((await client.getTasks(swarmId)).count);
    expect((await client.listSwarms()).swarms.map((swarm) => swarm.swarmId)).toEqual([swarmId]);
    expect((await client.getLogs(swarmId)).count).toBeGreaterThan(0);
    expect((await client.getAgents(swarmId)).agents[0]?.id.swarmId).toBe(swarmId);
  });

  it('tells of a wrong key, a wrong wish and a swarm that is not there', async () => {
    const url = stack.apiUrls[0] ?? '';
    await expect(new ClaudeFlowClient(url).getTasks('swarm_x')).rejects.toMatchObject({
      status: 401,
      code: 'authentication_required',
    });
    const client = new ClaudeFlowClient(url, KEY);
    await expect(client.createSwarm('short')).rejects.toMatchObject({
      status: 400,
      details: [{ field: 'objective' }],
      requestId: expect.any(String),
    });
    await expect(client.events('swarm_aaaaaaaa_000000000').next()).rejects.toMatchObject({
      code: 'swarm_not_found',
    });
    const { swarmId } = await client.createSwarm('Wait to be stopped');
    await client.stopSwarm(swarmId);
    expect((await client.stopSwarm(swarmId)).status).toBe('stopped');
    expect((await client.getSwarmStatus(swarmId)).data).toMatchObject({
      status: 'failed',
      reason: 'stopped',
    });
    await expect(client.startSwarm(swarmId)).rejects.toMatchObject({ status: 409 });
  });

  it('changes a swarm while it runs: tasks, agents, pause, retry; measures it, packs its files, deletes it', async () => {
    const client = new ClaudeFlowClient(stack.apiUrls[0], KEY);
    const name = (key: string) => ({ key, name: `Task ${key}`, description: `Write a note about ${key}` });
    const { swarmId } = await client.createSwarm('Write some notes on testing', {
      tasks: [name('one'), { ...name('two'), dependencies: ['one'] }],
    });
    const { agentId } = await client.spawnAgent(swarmId, { type: 'analyst', name: 'note-taker' });
    const added = await client.createTask(swarmId, {
      name: 'One more note',
      description: 'Write a note about the others',
      type: 'custom',
      dependencies: ['task_002'],
    });
    expect((await client.assignTask(swarmId, added.taskId, agentId)).data.assignedTo).toEqual({
      id: agentId,
    });
    await client.cancelTask(swarmId, added.taskId);
    expect((await client.retryTask(swarmId, added.taskId)).status).toBe('blocked');
    expect((await client.getTask(swarmId, 'task_002')).why).toContain('task_001');
    expect((await client.getGraph(swarmId)).edges).toHaveLength(2);
    await client.startSwarm(swarmId);
    expect((await client.pauseSwarm(swarmId)).status).toBe('paused');
    expect((await client.resumeSwarm(swarmId)).status).toBe('executing');
    const done = await client.waitForCompletion(swarmId, 200, { timeoutMs: 90_000 });
    expect(done.status).toBe('completed');
    const last = (await client.getTask(swarmId, added.taskId)).task;
    expect(last).toMatchObject({ status: 'completed', assignedTo: { id: agentId } });
    expect((await client.getAgent(swarmId, agentId)).agent.metrics.tasksCompleted).toBe(1);
    const { metrics } = await client.getMetrics(swarmId);
    expect(metrics.reliability).toBe(1);
    expect(metrics.throughput).toBeGreaterThan(0);
    const archive = await new Response(await client.downloadArchive(swarmId)).arrayBuffer();
    expect(archive.byteLength % 512).toBe(0);
    expect((await client.listSwarms({ status: 'completed' })).swarms.map((one) => one.swarmId)).toContain(
      swarmId,
    );
    await client.deleteSwarm(swarmId);
    expect((await client.deleteSwarm(swarmId)).status).toBe('deleted');
    await expect(client.getSwarmStatus(swarmId)).rejects.toMatchObject({ code: 'swarm_not_found' });
  });

  it('makes a key that works until it is revoked, also where it is in use', async () => {
    const url = stack.apiUrls[0] ?? '';
    const admin = new ClaudeFlowClient(url, ADMIN);
    const { key, keyId, data } = await admin.createKey('ci', { owner: 'team-a', expiresInDays: 1 });
    expect(data).toMatchObject({ keyId, name: 'ci', owner: 'team-a', useCount: 0 });
    const client = new ClaudeFlowClient(url, key);
    const { swarmId } = await client.createSwarm('Wait to be stopped');
    await expect(client.createKey('more')).rejects.toMatchObject({ status: 403, code: 'permission_denied' });
    expect((await admin.listKeys({ limit: 1 })).keys.map((listed) => listed.keyId)).toEqual([keyId]);
    const monitor = new SwarmMonitor(url, { apiKey: key });
    const seen: object[] = [];
    monitor.on('swarm_event', (event) => seen.push(event));
    const ends: object[] = [];
    monitor.on('disconnected', (message) => ends.push(message));
    monitor.connect();
    monitor.subscribe(swarmId);
    await expect.poll(() => seen.length, DEADLINE).toBeGreaterThan(0);

    expect((await admin.revokeKey(keyId)).status).toBe('revoked');
    await expect.poll(() => ends, DEADLINE).toMatchObject([{ code: 4401, reconnecting: false }]);
    await expect(client.getSwarmStatus(swarmId)).rejects.toMatchObject({ status: 401 });
    await expect(admin.revokeKey(keyId)).rejects.toMatchObject({ status: 404, code: 'key_not_found' });
    await admin.stopSwarm(swarmId);
  });

  it('gives up a monitor whose key is wrong', async () => {
    const monitor = new SwarmMonitor(stack.apiUrls[0], { apiKey: 'wrong' });
    const ends: object[] = [];
    monitor.on('disconnected', (message) => ends.push(message));
    monitor.connect();
    await expect.poll(() => ends, DEADLINE).toMatchObject([{ code: 4401, reconnecting: false }]);
  });
});
