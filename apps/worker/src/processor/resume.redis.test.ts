import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { appendJournal, readJournal } from '@claude-flow/core/store/journal';
import { getResult } from '@claude-flow/core/store/task-reads';
import { claimTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../../test/fixture.ts';
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

async function scripted(reply: Parameters<typeof startScriptedModel>[0]): Promise<ScriptedModel> {
  const model = await startScriptedModel(reply);
  closers.push(() => model.close());
  return model;
}

const idle = (worker: { readonly running: number }) =>
  waitFor(() => worker.running === 0, { deadlineMs: 10_000, what: 'the worker to be idle' });

/** Claims the swarm's one queued task as a worker would that is about to crash. */
async function claimByHand(swarmId: string, attempt: number, token: string): Promise<TaskClaim> {
  const wish = { swarmId, taskId: 'task_001', attempt, token, workerId: 'doomed' };
  const claimed = await claimTask(fixture.ledger, wish);
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}

async function crashedAfter(swarmId: string, entries: JournalEntry[]): Promise<void> {
  const claim = await claimByHand(swarmId, 1, 'doomed');
  for (const [index, entry] of entries.entries()) await appendJournal(fixture.ledger, claim, index, entry);
  await fixture.loseWorker(swarmId);
}

const PINNED: JournalEntry = {
  kind: 'pinned',
  system: [
    {
      type: 'text',
      text: 'The prompt of yesterday.\nAgent type: coder',
      cache_control: { type: 'ephemeral' },
    },
  ],
  tools: [{ name: 'write_file', description: 'As of yesterday', input_schema: { type: 'object' } }],
  model: 'model-of-yesterday',
  params: { max_tokens: 123 },
  firstMessage: { role: 'user', content: 'The first message of yesterday.' },
};
const REQUESTED: JournalEntry = { kind: 'turn.requested', turn: 1, attempt: 1 };
const turnOne = (content: object[]): JournalEntry => ({
  kind: 'turn.completed',
  turn: 1,
  content,
  stopReason: 'tool_use',
  usage: { input_tokens: 10, output_tokens: 5 },
  requestId: 'req_1',
});

describe('after a crash', () => {
  it('the next attempt sends the very bytes of the first, and pays for no turn again', async () => {
    const swarmId = await fixture.swarm([{}]);
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      call('t1', 'write_file', { path: 'a.md', content: 'one' }),
    ];
    await crashedAfter(swarmId, [PINNED, REQUESTED, turnOne(content)]);

    const model = await scripted(() => ({ content: [submit('Done')] }));
    await fixture.worker(model.url);
    expect(await fixture.ended(swarmId)).toBe('completed');

    expect(model.requests).toHaveLength(1);
    const pinned = PINNED as Extract<JournalEntry, { kind: 'pinned' }>;
    expect(model.requests[0]).toMatchObject({
      model: pinned.model,
      system: pinned.system,
      tools: pinned.tools,
      max_tokens: 123,
      messages: [
        pinned.firstMessage,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 't1', content: 'Created a.md (3 bytes).' }],
        },
      ],
    });
    const result = await getResult(fixture.ledger, swarmId, 'task_001');
    expect(result?.artifacts.map((entry) => entry.path)).toEqual(['a.md']);
    const completed = await fixture.seen(swarmId, 'task.completed');
    expect(completed.data).toMatchObject({ turns: 2 });
  });

  it.each([
    ['in the middle of a turn’s tools', ['t1']],
    ['between a turn’s tools and the keeping of its files', ['t1', 't2']],
  ])('%s, all are run on the files as they were, and known answers stay', async (_when, known) => {
    const swarmId = await fixture.swarm([{}]);
    const content = [
      call('t1', 'write_file', { path: 'a.md', content: 'one' }),
      call('t2', 'edit_file', { path: 'a.md', old_text: 'one', new_text: 'two' }),
    ];
    const answers = known.map((id): JournalEntry => {
      return { kind: 'tool.finished', turn: 1, id, content: 'As told before.', isError: false };
    });
    await crashedAfter(swarmId, [PINNED, REQUESTED, turnOne(content), ...answers]);

    const model = await scripted((request) =>
      turnsOf(request) === 1
        ? { content: [call('t3', 'read_file', { path: 'a.md' })] }
        : { content: [submit('Done')] },
    );
    await fixture.worker(model.url);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [second, third] = model.requests as [ModelRequest, ModelRequest];
    expect(resultOf(second, 't1')).toEqual({ text: 'As told before.', isError: false });
    const told = known.includes('t2') ? 'As told before.' : 'Changed a.md at line 1.';
    expect(resultOf(second, 't2')).toEqual({ text: told, isError: false });
    expect(resultOf(third, 't3')?.text).toBe('two');
  });

  it('files come back from the last checkpoint', async () => {
    const swarmId = await fixture.swarm([{}]);
    const worker = await fixture.worker(
      (
        await scripted((request) =>
          turnsOf(request) === 0
            ? { content: [call('t1', 'write_file', { path: 'src/a.ts', content: 'kept' })] }
            : 'hang',
        )
      ).url,
    );
    await waitFor(
      async () =>
        (await readJournal(fixture.ledger, swarmId, 'task_001')).some((entry) => entry.kind === 'workspace'),
      { deadlineMs: 10_000, what: 'the checkpoint' },
    );
    await fixture.loseWorker(swarmId);
    await idle(worker);
    await worker.drain();

    const second = await scripted((request) =>
      turnsOf(request) === 1
        ? { content: [call('t2', 'read_file', { path: 'src/a.ts' })] }
        : { content: [submit('Done')] },
    );
    await fixture.worker(second.url);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(resultOf(second.requests[1] as ModelRequest, 't2')?.text).toBe('kept');
    const result = await getResult(fixture.ledger, swarmId, 'task_001');
    expect(result?.artifacts.map((entry) => entry.path)).toEqual(['src/a.ts']);
  });

  it('a lost worker’s real conversation goes on where it was, thinking and all', async () => {
    const model = await startMockAnthropic({ port: 0, seed: '3' });
    closers.push(() => model.close());
    const first = await fixture.worker(model.url);
    await scenario(model.url, [{ match: { contains: '"tool_result"' }, respond: { hang: true } }]);
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');
    await waitFor(async () => (await modelStats(model.url)).inFlight === 1, {
      deadlineMs: 10_000,
      what: 'the second turn to be asked for',
    });
    await fixture.loseWorker(swarmId);
    await idle(first);
    await scenario(model.url, []);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await modelStats(model.url)).repeatedPrefixes).toBe(0);
    const { state } = await fixture.task(swarmId);
    expect(state).toMatchObject({ crashes: 1, failures: 0 });
    const journal = await readJournal(fixture.ledger, swarmId, 'task_001');
    const turns = journal.filter((entry) => entry.kind === 'turn.completed').map((entry) => entry.turn);
    expect(turns).toEqual(turns.map((_, index) => index + 1));
    expect(state.turns).toBe(turns.length);
  });
});
