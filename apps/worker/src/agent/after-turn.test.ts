import type Anthropic from '@anthropic-ai/sdk';
import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { describe, expect, it } from 'vitest';
import { createToolbox } from '../tools/toolbox.ts';
import { MAX_TURNS } from '../tunables.ts';
import { afterTurn } from './after-turn.ts';
import { conversation } from './conversation.ts';
import { type Pinned, replayJournal, type Turn } from './replay.ts';

const toolbox = createToolbox(['read', 'write']);
const text = (value: string) => ({ type: 'text', text: value }) as Anthropic.TextBlock;
const use = (id: string, name: string, input: object = {}) =>
  ({ type: 'tool_use', id, name, input }) as Anthropic.ToolUseBlock;

function turn(stopReason: string | null, content: Anthropic.ContentBlock[], over: Partial<Turn> = {}): Turn {
  return { number: 1, content, stopReason, usage: {}, started: new Set(), answers: new Map(), ...over };
}
const answered = (...ids: string[]) => new Map(ids.map((id) => [id, { content: 'ok', isError: false }]));
const after = (...turns: Turn[]) => afterTurn(turns, toolbox);
const pinned = { kind: 'pinned', firstMessage: { role: 'user', content: 'go' } } as Pinned;

describe('afterTurn', () => {
  it('asks the model first', () => {
    expect(after()).toEqual({ kind: 'ask' });
  });

  it.each(['end_turn', 'stop_sequence', null, 'a_reason_of_tomorrow'])(
    'takes the text of an end (%s) for the result',
    (stop) => {
      expect(after(turn(stop, [text('All done.\n\nDetails.')]))).toMatchObject({
        kind: 'finish',
        submission: { summary: 'All done.', output: 'All done.\n\nDetails.' },
      });
    },
  );

  it('ends with an accepted submit_result', () => {
    const content = [use('t1', 'submit_result', { summary: 'Made it', decisions: ['d'] })];
    expect(after(turn('tool_use', content))).toMatchObject({ kind: 'run-tools' });
    expect(after(turn('tool_use', content, { answers: answered('t1') }))).toEqual({
      kind: 'finish',
      submission: { summary: 'Made it', decisions: ['d'], output: '', open_questions: [] },
    });
    const refused = new Map([['t1', { content: 'no', isError: true }]]);
    expect(after(turn('tool_use', content, { answers: refused }))).toEqual({ kind: 'ask' });
  });

  it('runs tools again when the files of a turn were not kept', () => {
    const content = [use('t1', 'write_file', { path: 'a', content: 'b' })];
    expect(after(turn('tool_use', content, { answers: answered('t1') }))).toMatchObject({
      kind: 'run-tools',
    });
    expect(after(turn('tool_use', content, { answers: answered('t1'), files: [] }))).toEqual({ kind: 'ask' });
  });

  it.each([
    ['refusal', 'model_refused'],
    ['model_context_window_exceeded', 'limit_exceeded'],
  ])('%s fails the task, whatever else was said', (stop, code) => {
    const step = after(turn(stop, [text('x'), use('t1', 'read_file', { path: 'a' })]));
    expect(step).toMatchObject({ kind: 'fail', error: { code, retryable: false } });
  });

  it.each(['pause_turn', 'max_tokens'])('goes on after %s', (stop) => {
    expect(after(turn(stop, [text('half a sent')]))).toEqual({ kind: 'ask' });
  });

  it('asks once when nothing was said, then takes it as it is', () => {
    const silent = turn('end_turn', []);
    expect(after(silent)).toEqual({ kind: 'ask' });
    expect(after(silent, silent)).toMatchObject({ kind: 'finish' });
  });

  it('gives up at the limit of turns, unless the last one has the result', () => {
    const going = turn('tool_use', [use('t1', 'list_files')], { answers: answered('t1') });
    const many = Array.from({ length: MAX_TURNS - 1 }, () => going);
    expect(after(...many)).toEqual({ kind: 'ask' });
    expect(after(...many, going)).toMatchObject({ kind: 'fail', error: { code: 'turn_limit' } });
    expect(after(...many, turn('end_turn', [text('done')]))).toMatchObject({ kind: 'finish' });
  });
});

describe('conversation', () => {
  it('answers every call in order, in one message', () => {
    const answers = new Map([
      ['t2', { content: 'two', isError: true }],
      ['t1', { content: 'one', isError: false }],
    ]);
    const content = [text('hm'), use('t1', 'list_files'), use('t2', 'list_files')];
    expect(conversation(pinned, [turn('tool_use', content, { answers })])).toEqual([
      { role: 'user', content: 'go' },
      { role: 'assistant', content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', content: 'one' },
          { type: 'tool_result', tool_use_id: 't2', content: 'two', is_error: true },
        ],
      },
    ]);
  });

  it('sends a paused turn back unchanged, and asks a cut one to go on', () => {
    const content = [text('half')];
    expect(conversation(pinned, [turn('pause_turn', content)])).toEqual([
      { role: 'user', content: 'go' },
      { role: 'assistant', content },
    ]);
    expect(conversation(pinned, [turn('max_tokens', content)]).at(-1)).toMatchObject({ role: 'user' });
    expect(conversation(pinned, [turn('end_turn', [])])).toHaveLength(2);
  });
});

describe('replayJournal', () => {
  it('knows turns, answers and the last files', () => {
    const file = { path: 'a', digest: 'd', size: 1, mode: 0o644 };
    const entries: JournalEntry[] = [
      pinned,
      { kind: 'turn.requested', turn: 1, attempt: 1 },
      {
        kind: 'turn.completed',
        turn: 1,
        content: [use('t1', 'write_file')],
        stopReason: 'tool_use',
        usage: {},
        requestId: null,
      },
      { kind: 'tool.started', turn: 1, id: 't1', name: 'x', inputHash: 'h' },
      { kind: 'tool.finished', turn: 1, id: 't1', content: 'ok', isError: false },
      { kind: 'workspace', turn: 1, files: [file] },
      { kind: 'turn.requested', turn: 2, attempt: 2 },
      { kind: 'of-tomorrow' } as unknown as JournalEntry,
    ];
    const replay = replayJournal(entries);
    expect(replay).toMatchObject({ length: 8, files: [file], pinned });
    expect(replay.turns).toHaveLength(1);
    expect(replay.turns[0]).toMatchObject({ started: new Set(['t1']), files: [file] });
    expect(replay.turns[0]?.answers.get('t1')).toEqual({ content: 'ok', isError: false });
  });
});
