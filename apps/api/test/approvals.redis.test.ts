import { type ApprovalWish, askApproval } from '@claude-flow/core/store/approvals';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  ledger = await openLedger(redis);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});

const WRITE: ApprovalWish = {
  kind: 'tool',
  turn: 1,
  callId: 'a',
  tool: 'write_file',
  input: { path: 'a.md' },
};
const QUESTION: ApprovalWish = {
  kind: 'question',
  turn: 1,
  callId: 'b',
  tool: 'ask_human',
  question: 'Which one?',
  input: { question: 'Which one?' },
};

/** A swarm whose first task waits for these. */
async function waitingSwarm(...wishes: ApprovalWish[]): Promise<string> {
  const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
  const { swarmId } = (await server.post('/api/swarm/create', body)).json;
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine' };
  await waitFor(
    async () => {
      await dispatchTasks(ledger, swarmId, 1);
      return (await claimTask(ledger, { ...wish, workerId: 'w' })).claimed;
    },
    { deadlineMs: 5_000, what: 'the task to be claimed' },
  );
  await askApproval(ledger, wish, wishes);
  return swarmId;
}
const list = async (swarmId: string, query = '') =>
  (await server.call(`/api/swarm/${swarmId}/approvals${query}`)).json;
const decide = (swarmId: string, approvalId: string, body: object) =>
  server.post(`/api/swarm/${swarmId}/approvals/${approvalId}`, body);
const taskOf = async (swarmId: string) =>
  (await server.call(`/api/swarm/${swarmId}/tasks/task_001`)).json.task;

test('what agents ask is listed and decided; when all is decided, the task is on its way at once', async () => {
  const swarmId = await waitingSwarm(WRITE, QUESTION);
  const { approvals, count } = await list(swarmId, '?status=pending');
  expect(count).toBe(2);
  const find = (tool: string) => approvals.find((each: { tool: string }) => each.tool === tool);
  expect(find('write_file')).toMatchObject({
    kind: 'tool',
    status: 'pending',
    taskId: 'task_001',
    question: null,
    input: { path: 'a.md' },
    inputText: '{"path":"a.md"}',
    inputCut: false,
    decidedAt: null,
    note: null,
  });
  expect(find('ask_human')).toMatchObject({ kind: 'question', question: 'Which one?' });
  expect(await taskOf(swarmId)).toMatchObject({
    status: 'waiting',
    waiting: { for: 'approval', ids: expect.any(Array), message: expect.stringContaining('2 approvals') },
  });

  const first = await decide(swarmId, find('write_file').id, { decision: 'deny', note: 'Not there.' });
  expect(first.status).toBe(200);
  expect(first.json).toMatchObject({ swarmId, status: 'denied', data: { note: 'Not there.' } });
  const again = await decide(swarmId, find('write_file').id, { decision: 'deny' });
  expect([again.status, again.json.data]).toEqual([200, first.json.data]);
  const other = await decide(swarmId, find('write_file').id, { decision: 'approve' });
  expect([other.status, other.json.code]).toEqual([409, 'approval_state_conflict']);
  expect(other.json.message).toContain('denied already');
  expect((await list(swarmId, '?status=pending')).count).toBe(1);
  expect((await list(swarmId)).count).toBe(2);

  await decide(swarmId, find('ask_human').id, { decision: 'approve', note: 'The second.' });
  // The decision itself sends it on: nothing else here dispatches.
  const queued = await waitFor(
    async () => {
      const task = await taskOf(swarmId);
      return task.status === 'queued' ? task : undefined;
    },
    { deadlineMs: 5_000, what: 'the task to be queued' },
  );
  expect(queued).toMatchObject({ attempt: 2, waiting: null });
});

test('what is not there is 404, what is not valid 400, what has ended 409', async () => {
  const swarmId = await waitingSwarm(WRITE);
  const [{ id }] = (await list(swarmId)).approvals;
  for (const unknown of ['approval_001_000000000000', 'x', '%2F..%2F']) {
    const { status, json } = await decide(swarmId, unknown, { decision: 'approve' });
    expect([unknown, status, json.code]).toEqual([unknown, 404, 'approval_not_found']);
  }
  const bad = await decide(swarmId, id, { decision: 'perhaps', note: 'x'.repeat(5_000) });
  expect(bad.status).toBe(400);
  expect(bad.json.details.map(({ field }: { field: string }) => field)).toEqual(['decision', 'note']);
  expect((await decide(swarmId, id, { decision: 'approve', note: 'a\u0000b' })).status).toBe(400);
  expect((await server.call(`/api/swarm/${swarmId}/approvals?status=open`)).status).toBe(400);
  await server.post(`/api/swarm/${swarmId}/stop`);
  const late = await decide(swarmId, id, { decision: 'approve' });
  expect([late.status, late.json.code]).toEqual([409, 'approval_state_conflict']);
  expect((await list(swarmId)).approvals).toMatchObject([{ id, status: 'cancelled' }]);
});

test('a tool policy is checked at creation, of the swarm and of each task', async () => {
  const [task] = DIAMOND;
  const { status, json } = await server.post('/api/swarm/create', {
    objective: OBJECTIVE,
    options: { toolPolicy: { rm_rf: 'deny' }, includeTests: true },
    tasks: [{ ...task, requirements: { toolPolicy: { write_file: 'sometimes' } } }],
  });
  expect(status).toBe(400);
  expect(json.details).toEqual([
    { field: 'options.toolPolicy.rm_rf', message: expect.stringContaining('rm_rf is not a field') },
    {
      field: 'tasks.0.requirements.toolPolicy.write_file',
      message: expect.stringContaining('allow, ask, deny'),
    },
  ]);
  const good = await server.post('/api/swarm/create', {
    objective: OBJECTIVE,
    options: { toolPolicy: { write_file: 'ask' }, includeTests: true },
  });
  expect(good.status).toBe(201);
  const { data } = (await server.call(`/api/swarm/${good.json.swarmId}`)).json;
  expect(data.options).toEqual({ toolPolicy: { write_file: 'ask' }, includeTests: true });
});
