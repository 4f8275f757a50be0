import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import type { Approval } from '@claude-flow/core/domain/approval';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { decideApproval, listApprovals, readApprovalInput } from '@claude-flow/core/store/approvals';
import { appendJournal, readJournal } from '@claude-flow/core/store/journal';
import { pauseSwarm, resumeSwarm } from '@claude-flow/core/store/swarms';
import { getResult } from '@claude-flow/core/store/task-reads';
import { claimTask } from '@claude-flow/core/store/tasks';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelRequest,
  resultOf,
  type ScriptedModel,
  startScriptedModel,
  submit,
  turnsOf,
} from '../../test/scripted-model.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

/** First these calls, then the end. */
const modelCalling = (...calls: object[]) => modelTaking([calls]);
/** The calls of one turn after another, then the end. */
async function modelTaking(turns: object[][]): Promise<ScriptedModel> {
  const model = await startScriptedModel((request) => ({
    content: turns[turnsOf(request)] ?? [submit('Done')],
  }));
  closers.push(() => model.close());
  return model;
}
const policy = (toolPolicy: object) => ({
  requirements: { capabilities: [], tools: [], permissions: ['read', 'write'], toolPolicy } as never,
});
const pending = (swarmId: string) => listApprovals(fixture.ledger, swarmId, 'pending');
const asked = (swarmId: string, count: number): Promise<Approval[]> =>
  waitFor(
    async () => {
      const list = await pending(swarmId);
      return list.length === count ? list : undefined;
    },
    { deadlineMs: 10_000, what: `${count} approvals to be asked for` },
  );
async function decide(swarmId: string, approval: Approval | undefined, yes: boolean, note?: string) {
  await decideApproval(fixture.ledger, swarmId, {
    approvalId: approval?.id ?? 'none',
    decision: yes ? 'approved' : 'denied',
    decidedBy: 'tester',
    ...(note === undefined ? {} : { note }),
  });
  await dispatchSwarm(fixture, swarmId);
}
const requestedTimes = async (swarmId: string) =>
  (await fixture.lines(swarmId)).filter((line) => line.startsWith('approval.requested')).length;
const answers = async (swarmId: string) =>
  (await readJournal(fixture.ledger, swarmId, 'task_001')).filter(
    (entry) => entry.kind === 'tool.finished' && entry.turn === 1,
  );

it('asked calls of one turn wait together; approved ones are done once, a denied one is told why, no turn is paid again', async () => {
  const model = await modelCalling(
    call('t1', 'write_file', { path: 'a.md', content: 'one' }),
    call('t2', 'write_file', { path: 'b.md', content: 'two' }),
    call('t3', 'list_files', {}),
  );
  const worker = await fixture.worker(model.url);
  const swarmId = await fixture.swarm([policy({ write_file: 'ask' })]);
  const [one, two] = await asked(swarmId, 2);
  await waitFor(() => worker.running === 0, { deadlineMs: 5_000, what: 'the worker to be free' });
  expect((await fixture.task(swarmId)).state).toMatchObject({ status: 'waiting', attempt: 1, turns: 1 });
  expect(await answers(swarmId)).toEqual([]);
  const byPath = (path: string) => [one, two].find((each) => each?.input.includes(path));
  expect(byPath('a.md')).toMatchObject({ tool: 'write_file', kind: 'tool', turn: 1, inputCut: false });

  await decide(swarmId, byPath('a.md'), true);
  expect((await fixture.task(swarmId)).state.status).toBe('waiting');
  await decide(swarmId, byPath('b.md'), false, 'Keep it in one file.');
  expect(await fixture.ended(swarmId)).toBe('completed');

  expect(model.requests).toHaveLength(2);
  const last = model.requests[1] as ModelRequest;
  expect(resultOf(last, 't1')).toEqual({ isError: false, text: 'Created a.md (3 bytes).' });
  expect(resultOf(last, 't2')).toEqual({
    isError: true,
    text: expect.stringContaining('denied this call of write_file: Keep it in one file.'),
  });
  expect(resultOf(last, 't3')?.text).toContain('a.md');
  const result = await getResult(fixture.ledger, swarmId, 'task_001');
  expect(result?.artifacts.map((entry) => entry.path)).toEqual(['a.md']);
  expect((await fixture.task(swarmId)).state).toMatchObject({
    attempt: 2,
    turns: 2,
    failures: 0,
    crashes: 0,
  });
  expect(await answers(swarmId)).toHaveLength(3);
  expect(await requestedTimes(swarmId)).toBe(2);
});

it('ask_human: the answer of a person is the answer of the tool; without a policy for it there is no such tool', async () => {
  const model = await modelCalling(call('q', 'ask_human', { question: 'Which database?' }));
  await fixture.worker(model.url);
  const swarmId = await fixture.swarm([policy({ ask_human: 'allow' })]);
  const [question] = await asked(swarmId, 1);
  expect(question).toMatchObject({ kind: 'question', question: 'Which database?' });
  await decide(swarmId, question, true, 'Postgres 17.');
  expect(await fixture.ended(swarmId)).toBe('completed');
  expect(model.requests[0]?.tools.map((tool) => tool.name)).toContain('ask_human');
  expect(resultOf(model.requests[1] as ModelRequest, 'q')).toEqual({ isError: false, text: 'Postgres 17.' });

  const quiet = await fixture.swarm([{}]);
  expect(await fixture.ended(quiet)).toBe('completed');
  expect(model.requests[2]?.tools.map((tool) => tool.name)).not.toContain('ask_human');
  const refused = resultOf(model.requests[3] as ModelRequest, 'q');
  expect(refused).toEqual({ isError: true, text: expect.stringContaining('Nobody answers questions') });
});

it('a person who declines to answer leaves the agent with a reason; a denied tool is not offered at all', async () => {
  const model = await modelCalling(
    call('q', 'ask_human', { question: 'Which database?' }),
    call('w', 'write_file', { path: 'a.md', content: 'x' }),
  );
  await fixture.worker(model.url);
  const swarmId = await fixture.swarm([policy({ ask_human: 'ask', write_file: 'deny' })]);
  const [question] = await asked(swarmId, 1);
  await decide(swarmId, question, false, 'No time.');
  expect(await fixture.ended(swarmId)).toBe('completed');
  expect(model.requests[0]?.tools.map((tool) => tool.name)).not.toContain('write_file');
  const told = (id: string) => resultOf(model.requests[1] as ModelRequest, id);
  expect(told('q')).toEqual({ isError: true, text: expect.stringContaining('declined to answer: No time.') });
  expect(told('w')).toEqual({ isError: true, text: expect.stringContaining('tool policy') });
});

const PINNED: JournalEntry = {
  kind: 'pinned',
  system: [{ type: 'text', text: 'You are one agent.\nAgent type: coder' }],
  tools: [{ name: 'write_file', description: 'Writes', input_schema: { type: 'object' } }],
  model: 'a-model',
  params: { max_tokens: 100 },
  firstMessage: { role: 'user', content: 'Begin.' },
};

it('a worker lost before it asked, and another one after the decisions: asked once, done once, nothing paid again', async () => {
  const calls = [call('t1', 'write_file', { path: 'a.md', content: 'one' })];
  const model = await modelCalling(...calls);
  const swarmId = await fixture.swarm([policy({ write_file: 'ask' })]);
  /** A worker that takes the task, writes so much, and is gone. */
  const lostAfter = async (attempt: number, from: number, entries: JournalEntry[]) => {
    const one = { swarmId, taskId: 'task_001', attempt, token: `lost-${attempt}` };
    const claimed = await claimTask(fixture.ledger, { ...one, workerId: 'lost' });
    if (!claimed.claimed) throw new Error(claimed.why);
    for (const [i, entry] of entries.entries()) await appendJournal(fixture.ledger, one, from + i, entry);
    await fixture.loseWorker(swarmId);
    await dispatchSwarm(fixture, swarmId);
  };
  const turn = { turn: 1, content: calls, stopReason: 'tool_use', usage: {}, requestId: null };
  // Paid for the turn, and lost before asking.
  await lostAfter(1, 0, [
    PINNED,
    { kind: 'turn.requested', turn: 1, attempt: 1 },
    { kind: 'turn.completed', ...turn },
  ]);
  const worker = await fixture.worker(model.url);
  const [approval] = await asked(swarmId, 1);
  await worker.drain();
  // Decided while no worker is there; the next one is lost in the middle of the approved call's turn.
  await decide(swarmId, approval, true);
  await lostAfter(3, 3, [
    { kind: 'tool.finished', turn: 1, id: 't1', content: 'Created a.md (3 bytes).', isError: false },
  ]);
  await fixture.worker(model.url, { WORKER_ID: 'second' });
  expect(await fixture.ended(swarmId)).toBe('completed');
  expect(model.requests).toHaveLength(1);
  expect(await requestedTimes(swarmId)).toBe(1);
  expect(await answers(swarmId)).toHaveLength(1);
  const result = await getResult(fixture.ledger, swarmId, 'task_001');
  expect(result?.artifacts.map((entry) => entry.path)).toEqual(['a.md']);
});

it('decided in a paused swarm: nothing runs until it is resumed, then it goes on', async () => {
  const model = await modelCalling(call('t1', 'write_file', { path: 'a.md', content: 'one' }));
  await fixture.worker(model.url);
  const swarmId = await fixture.swarm([policy({ write_file: 'ask' })]);
  const [approval] = await asked(swarmId, 1);
  await pauseSwarm(fixture.ledger, swarmId);
  await decide(swarmId, approval, true);
  expect((await fixture.task(swarmId)).state.status).toBe('suspended');
  expect(model.requests).toHaveLength(1);
  await resumeSwarm(fixture.ledger, swarmId);
  expect(await fixture.ended(swarmId)).toBe('completed');
  expect(model.requests).toHaveLength(2);
});

describe('what people are shown', () => {
  it('path, size and a diff against the file as it is, for every tool that writes, and the whole input on request', async () => {
    const long = Array.from({ length: 2_000 }, (_, line) => `line ${line} 😀`).join('\n');
    const model = await modelTaking([
      [call('w', 'write_file', { path: 'a.md', content: 'one\ntwo\nthree\n' })],
      [
        call('n', 'write_file', { path: 'b.md', content: long }),
        call('r', 'write_file', { path: 'a.md', content: 'one\n2\nthree\n' }),
        call('e', 'edit_file', { path: 'a.md', old_text: 'three', new_text: 'drei' }),
        call('f', 'edit_file', { path: 'a.md', old_text: 'not there', new_text: 'x' }),
        call('l', 'list_files', {}),
      ],
    ]);
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([policy({ write: 'ask' })]);
    const [first] = await asked(swarmId, 1);
    expect(first?.change).toEqual({
      path: 'a.md',
      bytes: 14,
      created: true,
      diff: expect.stringContaining('--- /dev/null\n+++ a.md'),
      diffCut: false,
    });
    await decide(swarmId, first, true);
    const four = await asked(swarmId, 4);
    const by = (text: string) => four.find(({ input }) => input.includes(text));
    expect(by('2\\nthree')?.change).toMatchObject({ created: false, bytes: 12 });
    expect(by('2\\nthree')?.change?.diff).toMatch(/-two\n\+2\n/);
    expect(by('drei')?.change?.diff).toMatch(/-three\n\+drei\n/);
    // It will fail, and is shown nevertheless.
    expect(by('not there')?.change).toMatchObject({ path: 'a.md', bytes: 1 });
    const whole = by('b.md');
    expect(whole).toMatchObject({
      inputCut: true,
      change: { bytes: Buffer.byteLength(long), diffCut: true },
    });
    expect(whole?.change?.diff.isWellFormed()).toBe(true);
    if (whole === undefined) throw new Error('not asked');
    expect(await readApprovalInput(fixture.ledger, swarmId, whole)).toEqual({ path: 'b.md', content: long });
    expect(
      await readApprovalInput(fixture.ledger, swarmId, { ...whole, id: 'approval_001_000000000000' }),
    ).toBeUndefined();
    for (const each of four) await decide(swarmId, each, false);
    await fixture.ended(swarmId);
  });

  it('edit_file does not go past a rule for write_file', async () => {
    const model = await modelTaking([
      [call('w', 'write_file', { path: 'a.md', content: 'one' })],
      [call('e', 'edit_file', { path: 'a.md', old_text: 'one', new_text: 'two' })],
    ]);
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([policy({ write_file: 'ask' })]);
    const [first] = await asked(swarmId, 1);
    await decide(swarmId, first, true);
    await waitFor(async () => (await pending(swarmId)).length === 0, {
      deadlineMs: 5_000,
      what: 'the decision',
    });
    const [second] = await asked(swarmId, 1);
    expect(second).toMatchObject({ tool: 'edit_file' });
    await decide(swarmId, second, false);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const result = await getResult(fixture.ledger, swarmId, 'task_001');
    expect(result?.artifacts).toMatchObject([{ path: 'a.md', size: 3 }]);
  });
});
