import { describe, expect, it } from 'vitest';
import { type Answer, httpFixture, json } from '../test/http-fixture.ts';
import { ClaudeFlowClient } from './client.ts';

const swarm = (status: string) => json(200, { swarmId: 's', data: { id: 's', status } });
const results = json(200, { swarmId: 's', status: 'completed', results: { outputs: { task_001: 'done' } } });

describe('waitForCompletion', () => {
  it.each(['completed', 'failed'])('gives the results once the swarm is %s', async (last) => {
    await using server = await httpFixture(swarm('planning'), swarm('executing'), swarm(last), results);
    const answer = await new ClaudeFlowClient(server.url).waitForCompletion('s', 1);
    expect(answer.results.outputs).toEqual({ task_001: 'done' });
    expect(server.seen.map((request) => request.url)).toEqual([
      '/api/swarm/s',
      '/api/swarm/s',
      '/api/swarm/s',
      '/api/swarm/s/results',
    ]);
  });

  it.each([401, 404])('ends on %i instead of asking for ever', async (status) => {
    await using server = await httpFixture(json(status, { message: 'No.' }));
    await expect(new ClaudeFlowClient(server.url).waitForCompletion('s', 1)).rejects.toMatchObject({
      status,
    });
  });

  it('ends when its time is over, and says how the swarm stands', async () => {
    await using server = await httpFixture(swarm('planning'));
    const waiting = new ClaudeFlowClient(server.url).waitForCompletion('s', 5, { timeoutMs: 30 });
    await expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('planning'),
    });
  });

  it('ends when it is aborted', async () => {
    await using server = await httpFixture(swarm('executing'));
    const abort = new AbortController();
    const waiting = new ClaudeFlowClient(server.url).waitForCompletion('s', 60_000, { signal: abort.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('uses the methods of a subclass, as the published example can be extended', async () => {
    class Mine extends ClaudeFlowClient {
      override async getSwarmStatus(swarmId: string) {
        const answer = await super.getSwarmStatus(swarmId);
        return { ...answer, data: { ...answer.data, status: 'completed' as const } };
      }
    }
    await using server = await httpFixture(swarm('executing'), results);
    expect((await new Mine(server.url).waitForCompletion('s')).swarmId).toBe('s');
  });
});

describe('pages', () => {
  const page = (ids: string[], nextCursor: string | null) =>
    json(200, { swarmId: 's', tasks: ids.map((id) => ({ id: { id } })), count: ids.length, nextCursor });

  it('a list is whole: the client asks for page after page', async () => {
    await using server = await httpFixture(page(['a', 'b'], '3'), page(['c'], '4'), page([], null));
    const answer = await new ClaudeFlowClient(server.url).getTasks('s', { status: ['ready', 'queued'] });
    expect(answer.tasks.map(({ id }) => id.id)).toEqual(['a', 'b', 'c']);
    expect(answer).toMatchObject({ count: 3, nextCursor: null });
    expect(server.seen.map(({ url }) => decodeURIComponent(url))).toEqual([
      '/api/swarm/s/tasks?status=ready,queued',
      '/api/swarm/s/tasks?status=ready,queued&cursor=3',
      '/api/swarm/s/tasks?status=ready,queued&cursor=4',
    ]);
  });

  it('one page when one is asked for', async () => {
    await using server = await httpFixture(page(['a', 'b'], '3'));
    const answer = await new ClaudeFlowClient(server.url).getTasks('s', { limit: 2 });
    expect(answer).toMatchObject({ count: 2, nextCursor: '3' });
    expect(server.seen.map(({ url }) => url)).toEqual(['/api/swarm/s/tasks?limit=2']);
  });

  it('a server of an earlier release has all in one answer', async () => {
    await using server = await httpFixture(json(200, { swarmId: 's', agents: [], count: 0 }));
    expect(await new ClaudeFlowClient(server.url).getAgents('s')).toEqual({
      swarmId: 's',
      agents: [],
      count: 0,
      nextCursor: null,
    });
  });
});

describe('the other calls', () => {
  it('cuts off an archive in the middle when it is aborted', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await httpFixture((response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200, { 'Content-Type': 'application/x-tar' });
      response.write('the beginning');
    });
    const abort = new AbortController();
    const client = new ClaudeFlowClient(server.url);
    const archive = (await client.downloadArchive('s', { signal: abort.signal })).getReader();
    expect(new TextDecoder().decode((await archive.read()).value)).toBe('the beginning');
    const next = archive.read();
    abort.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    await closed.promise;
  });

  it('asks for logs and lists with what was given only', async () => {
    await using server = await httpFixture(json(200, {}));
    const client = new ClaudeFlowClient(server.url);
    await client.getLogs('s');
    await client.getLogs('s', { limit: 5, level: 'warn' });
    await client.listSwarms({ cursor: 'a b' });
    expect(server.seen.map((request) => request.url)).toEqual([
      '/api/swarm/s/logs',
      '/api/swarm/s/logs?limit=5&level=warn',
      '/api/swarms?cursor=a+b',
    ]);
  });

  it('names lists with commas', async () => {
    await using server = await httpFixture(json(200, {}));
    const client = new ClaudeFlowClient(server.url);
    await client.listSwarms({ status: ['executing', 'failed'], scope: 'all', limit: 5 });
    await client.getTasks('s', { status: 'ready' });
    await client.getAgents('s', { status: ['idle', 'busy'] });
    expect(server.seen.map((request) => decodeURIComponent(request.url ?? ''))).toEqual([
      '/api/swarms?status=executing,failed&scope=all&limit=5',
      '/api/swarm/s/tasks?status=ready',
      '/api/swarm/s/agents?status=idle,busy',
    ]);
  });

  const task = { name: 'Tests', description: 'Write tests for it', type: 'testing' } as const;
  it.each<[string, (client: ClaudeFlowClient) => Promise<unknown>, string]>([
    ['pauseSwarm', (client) => client.pauseSwarm('s'), 'POST /api/swarm/s/pause'],
    ['resumeSwarm', (client) => client.resumeSwarm('s'), 'POST /api/swarm/s/resume'],
    ['deleteSwarm', (client) => client.deleteSwarm('s'), 'DELETE /api/swarm/s'],
    ['createTask', (client) => client.createTask('s', task), 'POST /api/swarm/s/tasks'],
    ['assignTask', (client) => client.assignTask('s', 't', 'a'), 'POST /api/swarm/s/tasks/t/assign'],
    ['retryTask', (client) => client.retryTask('s', 't/1'), 'POST /api/swarm/s/tasks/t%2F1/retry'],
    ['cancelTask', (client) => client.cancelTask('s', 't'), 'DELETE /api/swarm/s/tasks/t'],
    ['spawnAgent', (client) => client.spawnAgent('s', { type: 'coder' }), 'POST /api/swarm/s/agents'],
    ['terminateAgent', (client) => client.terminateAgent('s', 'a'), 'DELETE /api/swarm/s/agents/a'],
    ['getAgent', (client) => client.getAgent('s', 'a'), 'GET /api/swarm/s/agents/a'],
    ['getAttempts', (client) => client.getAttempts('s', 't'), 'GET /api/swarm/s/tasks/t/attempts'],
    [
      'getTurns',
      (client) => client.getTurns('s', 't', { limit: 5 }),
      'GET /api/swarm/s/tasks/t/turns?limit=5',
    ],
    [
      'getSwarmStatus',
      (client) => client.getSwarmStatus('s', { wait: 5, status: 'executing' }),
      'GET /api/swarm/s?wait=5&status=executing',
    ],
    ['getUsage', (client) => client.getUsage(), 'GET /api/usage'],
    ['getGraph', (client) => client.getGraph('s'), 'GET /api/swarm/s/graph'],
    ['getMetrics', (client) => client.getMetrics('s'), 'GET /api/swarm/s/metrics'],
    ['systemStats', (client) => client.systemStats(), 'GET /api/system/stats'],
    ['downloadArchive', (client) => client.downloadArchive('s'), 'GET /api/swarm/s/artifacts.tar'],
    [
      'downloadArchive by task',
      (client) => client.downloadArchive('s', { layout: 'tasks' }),
      'GET /api/swarm/s/artifacts.tar?layout=tasks',
    ],
  ])('%s asks for what it says', async (_name, ask, wanted) => {
    await using server = await httpFixture(json(200, {}));
    await ask(new ClaudeFlowClient(server.url));
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([wanted]);
  });

  it('sends a creation again under the same key, and nothing again that could happen twice', async () => {
    await using server = await httpFixture(json(503, {}), json(201, {}), json(503, {}));
    const client = new ClaudeFlowClient(server.url, { retries: 1 });
    await client.createTask('s', task);
    const [first, second] = server.seen.map((request) => request.headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    await expect(client.retryTask('s', 't')).rejects.toMatchObject({ status: 503 });
    expect(server.seen).toHaveLength(3);
  });

  it('downloads a file byte by byte, whatever its path', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const file: Answer = (response) => response.writeHead(200).end(bytes);
    await using server = await httpFixture(file);
    const content = await new ClaudeFlowClient(server.url).downloadArtifact('s', 'task_001', 'docs/a b#?.md');
    expect(content).toEqual(bytes);
    expect(server.seen[0]?.url).toBe('/api/swarm/s/artifacts/task_001/docs/a%20b%23%3F.md');
  });

  it('has the defaults of the published client', () => {
    const client = new ClaudeFlowClient();
    expect([client.baseUrl, client.apiKey]).toEqual(['http://localhost:3000', null]);
  });
});

describe('approvals', () => {
  it('are listed by status, and decided with a note; a decision may be sent again', async () => {
    const approval = { id: 'approval_001_0123456789ab', status: 'pending' };
    const list = json(200, { swarmId: 's', approvals: [approval], count: 1 });
    const decided = json(200, {
      swarmId: 's',
      status: 'approved',
      data: { ...approval, status: 'approved' },
    });
    await using server = await httpFixture(list, json(503, { message: 'Not now.' }), decided);
    const client = new ClaudeFlowClient(server.url);
    const { approvals } = await client.listApprovals('s', { status: 'pending' });
    const answer = await client.decideApproval('s', approvals[0]?.id ?? '', 'approve', { note: 'Go.' });
    expect(answer.data.status).toBe('approved');
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/swarm/s/approvals?status=pending',
      'POST /api/swarm/s/approvals/approval_001_0123456789ab',
      'POST /api/swarm/s/approvals/approval_001_0123456789ab',
    ]);
    expect(JSON.parse(server.seen[2]?.body ?? '')).toEqual({ decision: 'approve', note: 'Go.' });
  });
});
