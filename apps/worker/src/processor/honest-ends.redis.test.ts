import { readJournal } from '@claude-flow/core/store/journal';
import { readLogs } from '@claude-flow/core/store/logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelRequest,
  type ScriptedModel,
  say,
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
  await fixture.worker(model.url);
  return model;
}
const warnings = async (swarmId: string) =>
  (await readLogs(fixture.ledger, swarmId, { limit: 100, level: 'warn' })).map((line) => line.message);
const lastText = (request: ModelRequest | undefined) => JSON.stringify(request?.messages.at(-1)?.content);

describe('an end without a result is a failure', () => {
  it.each([
    ['nothing', [], undefined, 'no text and no tool call'],
    ['three dots', [say('...')], undefined, 'no text and no tool call'],
    [
      'a call in words',
      [say('<tool_call>{"name": "list_files", "arguments": {}}</tool_call>')],
      undefined,
      'tool parser',
    ],
    ['a call that never came', [say('I will write it now.')], 'tool_use', 'no call arrived'],
  ])('%s: told once, then failed, and not tried again', async (_what, content, stopReason, sentence) => {
    const model = await scripted(() => ({ content, ...(stopReason === undefined ? {} : { stopReason }) }));
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('failed');
    expect(model.requests).toHaveLength(2);
    const { state } = await fixture.task(swarmId);
    expect(state).toMatchObject({ status: 'failed', errorCode: 'no_result', attempt: 1 });
    expect(state.errorMessage).toContain(sentence);
    const [told, ...rest] = await warnings(swarmId);
    expect(told).toMatch(/once/);
    // The failure itself.
    expect(rest).toEqual([expect.stringContaining(sentence)]);
  });

  it('what the model was told is kept, and said to the letter by the attempt that takes over', async () => {
    let lost = false;
    const model = await scripted((request) => {
      if (turnsOf(request) === 0) return { content: [say('[TOOL_CALLS] [{"name": "list_files"}]')] };
      if (!lost) return 'hang';
      return { content: [submit('Done')] };
    });
    const swarmId = await fixture.swarm([{}]);
    await fixture.seen(swarmId, 'task.progress');
    while (model.requests.length < 2) await fixture.seen(swarmId, 'task.progress');
    lost = true;
    await fixture.loseWorker(swarmId);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [, second, third] = model.requests;
    expect(lastText(second)).toContain('arrived as text');
    expect(third?.messages).toEqual(second?.messages);
    const kinds = (await readJournal(fixture.ledger, swarmId, 'task_001')).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'turn.notice')).toHaveLength(1);
  });

  it('a summary without words is not accepted', async () => {
    const model = await scripted((request) => ({
      content: [turnsOf(request) === 0 ? submit('...') : call('again', 'submit_result', { summary: 'Done' })],
    }));
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(lastText(model.requests[1])).toContain('it has no words');
  });

  it('files that a result claims and nobody made are told in the log', async () => {
    await scripted(() => ({ content: [submit('Wrote src/app.ts and its tests.')] }));
    const read = { requirements: { capabilities: [], tools: [], permissions: ['read' as const] } };
    const swarmId = await fixture.swarm([{}, read]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const told = await warnings(swarmId);
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(expect.stringContaining('made src/app.ts, but there is no such file'));
    expect(told).toContainEqual(expect.stringContaining('no permission to write'));
  });
});

describe('refused calls', () => {
  it('are told in events and log; the same one ends the task after a warning, with what was refused', async () => {
    const model = await scripted((request) => ({
      content: [call(`t${turnsOf(request)}`, 'read_file', { file: 'a.md' })],
    }));
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('failed');
    expect(model.requests).toHaveLength(4);
    expect(lastText(model.requests[2])).not.toContain('same call');
    expect(lastText(model.requests[3])).toContain('same call 3 times');
    const { state } = await fixture.task(swarmId);
    expect(state).toMatchObject({ errorCode: 'no_progress', attempt: 1 });
    expect(state.errorMessage).toMatch(/same call of read_file 4 times.*path/);
    expect(state.errorMessage).not.toContain('Split');
    const refused = (await fixture.events(swarmId)).filter(({ data }) => data['refusedCalls'] !== undefined);
    expect(refused.map(({ type, data }) => [type, data['turn'], data['refusedCalls']])).toEqual(
      [1, 2, 3, 4].map((turn) => ['task.progress', turn, 1]),
    );
    expect(refused[0]?.data['refused']).toEqual([
      { tool: 'read_file', message: expect.stringContaining('path') },
    ]);
    const lines = await readLogs(fixture.ledger, swarmId, { limit: 100, level: 'info' });
    expect(lines.filter(({ message }) => message.includes('was refused or failed'))).toHaveLength(4);
    expect(await warnings(swarmId)).toContainEqual(expect.stringContaining('It was warned'));
  });
});
