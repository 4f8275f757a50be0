import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { appendJournal } from '@claude-flow/core/store/journal';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, dispatchTasks, type TaskClaim } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

const KEY = `sk-ant-api03-${'x'.repeat(40)}`;
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

/** A task that runs, with nothing in its journal yet. */
async function runningTask(): Promise<{ swarmId: string; path: string; claim: TaskClaim }> {
  const { swarmId } = (await server.post('/api/swarm/create', diamondSwarm)).json;
  await server.post(`/api/swarm/${swarmId}/start`);
  const { queued } = await dispatchTasks(ledger, swarmId, 10);
  const [task] = queued;
  const attempt = task ?? { swarmId, taskId: 'task_001', attempt: 1 };
  const claimed = await claimTask(ledger, { ...attempt, token: `t-${swarmId}`, workerId: 'test' });
  if (!claimed.claimed) throw new Error(claimed.why);
  return { swarmId, path: `/api/swarm/${swarmId}/tasks/task_001/turns`, claim: claimed.claim };
}

async function journal(claim: TaskClaim, entries: JournalEntry[]): Promise<void> {
  for (const [index, entry] of entries.entries()) await appendJournal(ledger, claim, index, entry);
}

const pinned: JournalEntry = {
  kind: 'pinned',
  system: 'The system prompt of this test',
  tools: [],
  model: 'claude-opus-5-5',
  params: {},
  firstMessage: 'Do it',
};
const asked = (turn: number, attempt = 1): JournalEntry => ({ kind: 'turn.requested', turn, attempt });
const said = (turn: number, content: unknown, stopReason = 'end_turn'): JournalEntry => ({
  kind: 'turn.completed',
  turn,
  content,
  stopReason,
  usage: { input_tokens: 1_000, output_tokens: 100 },
  requestId: 'req_of_the_provider',
});

test('what was said, thought, called and answered, with usage; not what only the provider reads', async () => {
  const { path, claim } = await runningTask();
  const content = [
    { type: 'thinking', thinking: 'It needs a file.', signature: 'signature-of-the-provider' },
    { type: 'redacted_thinking', data: 'encrypted-by-the-provider' },
    { type: 'text', text: 'I write it.' },
    { type: 'tool_use', id: 'a', name: 'write_file', input: { path: 'a.md', content: 'Hello' } },
    { type: 'tool_use', id: 'b', name: 'read_file', input: { path: 'b.md' } },
  ];
  await journal(claim, [
    pinned,
    asked(1),
    { kind: 'turn.failed', turn: 1, attempt: 1, reason: 'Overloaded.', usage: null, requestId: null },
    asked(1),
    said(1, content, 'tool_use'),
    { kind: 'tool.started', turn: 1, id: 'a', name: 'write_file', inputHash: 'x' },
    { kind: 'tool.finished', turn: 1, id: 'a', content: 'Written.', isError: false },
    { kind: 'turn.notice', turn: 1, text: 'Mind the length.' },
    asked(2),
  ]);
  const { json, text } = await server.call(path);
  expect(json).toMatchObject({ model: 'claude-opus-5-5', count: 2, nextCursor: null });
  expect(json.turns[0]).toMatchObject({
    turn: 1,
    attempt: 1,
    status: 'completed',
    text: 'I write it.',
    textCut: false,
    thinking: 'It needs a file.',
    calls: [
      {
        tool: 'write_file',
        input: { path: 'a.md', content: 'Hello' },
        inputText: null,
        answer: { content: 'Written.', isError: false, cut: false },
      },
      { tool: 'read_file', input: { path: 'b.md' }, answer: null },
    ],
    notice: 'Mind the length.',
    failures: ['Overloaded.'],
    stopReason: 'tool_use',
    usage: { inputTokens: 1_000, outputTokens: 100 },
  });
  expect(json.turns[0].usage.costUsd).toBeGreaterThan(0);
  expect(json.turns[1]).toMatchObject({ turn: 2, status: 'running', text: '', calls: [], usage: null });
  expect(text).not.toMatch(/signature-of|encrypted-by|The system prompt|req_of_the/);
});

test('pages follow each other without gap or repeat, however many entries a turn has', async () => {
  const { path, claim } = await runningTask();
  const calls = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      type: 'tool_use',
      id: `c${at}`,
      name: 'list_files',
      input: {},
    }));
  const answers = (turn: number, count: number): JournalEntry[] =>
    Array.from({ length: count }, (_, at) => ({
      kind: 'tool.finished',
      turn,
      id: `c${at}`,
      content: 'None.',
      isError: false,
    }));
  const counts = [0, 1, 60, 49, 3, 0, 7];
  const entries = counts.flatMap((count, at) => [
    asked(at + 1),
    said(at + 1, [{ type: 'text', text: `Turn ${at + 1}` }, ...calls(count)]),
    ...answers(at + 1, count),
  ]);
  await journal(claim, [pinned, ...entries]);
  for (const limit of [1, 2, 3, 7, 50]) {
    const seen: { turn: number; calls: { answer: unknown }[] }[] = [];
    let cursor: string | null = null;
    do {
      const query = cursor === null ? '' : `&cursor=${cursor}`;
      const page: { turns: typeof seen; nextCursor: string | null } = (
        await server.call(`${path}?limit=${limit}${query}`)
      ).json;
      expect(page.turns.length).toBeLessThanOrEqual(limit);
      seen.push(...page.turns);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ turn }) => turn)).toEqual(counts.map((_, at) => at + 1));
    expect(seen.map((turn) => turn.calls.length)).toEqual(counts);
    expect(seen.flatMap((turn) => turn.calls).every(({ answer }) => answer !== null)).toBe(true);
  }
});

test('long texts are cut between characters, and what looks like a key is not shown', async () => {
  const { path, claim } = await runningTask();
  const long = '🦜'.repeat(10_000);
  await journal(claim, [
    pinned,
    asked(1),
    said(1, [
      { type: 'text', text: long },
      { type: 'tool_use', id: 'a', name: 'write_file', input: { path: 'a', content: long } },
      { type: 'tool_use', id: 'b', name: 'write_file', input: { path: 'b', content: `key: ${KEY}` } },
      { type: 'tool_use', id: 'c', name: 'odd', input: 'no object' },
      { type: 'tool_use', id: 'd', name: 'odd', input: { key: '-----BEGIN PRIVATE KEY-----\nabc', b: 1 } },
    ]),
    { kind: 'tool.finished', turn: 1, id: 'a', content: long, isError: false },
    {
      kind: 'tool.finished',
      turn: 1,
      id: 'b',
      content: `redis://user:hunter2@host:1 cf_${'a1'.repeat(32)} ${KEY}`,
      isError: true,
    },
  ]);
  const { json, text } = await server.call(path);
  const [turn] = json.turns;
  expect(turn.textCut).toBe(true);
  expect(turn.text.isWellFormed()).toBe(true);
  expect(turn.calls[0]).toMatchObject({ input: null, answer: { cut: true } });
  expect(turn.calls[0].inputText.isWellFormed()).toBe(true);
  expect(turn.calls[1].input).toEqual({ path: 'b', content: 'key: [secret]' });
  expect(turn.calls[2]).toMatchObject({ input: null, inputText: '"no object"' });
  expect(turn.calls[3]).toMatchObject({ input: null, inputText: '{"key":"[secret]' });
  expect(text).not.toMatch(/hunter2|sk-ant|cf_a1/);
});

test('before the first turn there is nothing; what is asked wrongly is named', async () => {
  const { swarmId, path } = await runningTask();
  expect((await server.call(path)).json).toMatchObject({ model: null, turns: [], nextCursor: null });
  for (const query of ['cursor=x', 'cursor=-1', 'limit=51', 'limit=0'])
    expect((await server.call(`${path}?${query}`)).status).toBe(400);
  expect((await server.call(`/api/swarm/${swarmId}/tasks/task_099/turns`)).status).toBe(404);
  expect((await server.call(`${path}?cursor=999999`)).json.turns).toEqual([]);
});

test('a setting turns it off', async () => {
  const { path } = await runningTask();
  const closed = await startTestApi(redis, { SHOW_TURNS: 'false' });
  const { status, json } = await closed.call(path);
  expect([status, json.code]).toEqual([404, 'route_not_found']);
  expect(json.message).toContain('SHOW_TURNS');
  await closed.api.close();
});
