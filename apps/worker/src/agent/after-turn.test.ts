import type Anthropic from '@anthropic-ai/sdk';
import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { describe, expect, it } from 'vitest';
import { createToolbox } from '../tools/toolbox.ts';
import { MAX_TURNS, OUTPUT_CHARS } from '../tunables.ts';
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

  it.each(['🇩🇪', '🎉🎉', '42', '語'])('takes %s for a result: it may be what was asked for', (said) => {
    expect(after(turn('end_turn', [text(said)]))).toMatchObject({ kind: 'finish' });
  });

  const empty: [string, Anthropic.ContentBlock[]][] = [
    ['nothing', []],
    ['blanks', [text(' \n ')]],
    ['three dots', [text('...')]],
    ['a check mark', [text('✅')]],
    ['thoughts only', [text('<think>What may be meant?</think>\n')]],
    ['thoughts without an end', [text('<think>What may be meant?')]],
    ['the end of thoughts', [text('What may be meant?\n</think>\n')]],
  ];
  it.each(empty)('never takes %s for a result: asks once, then fails', (_what, content) => {
    const silent = turn('end_turn', content);
    expect(after(silent)).toMatchObject({
      kind: 'ask',
      notice: { text: expect.stringContaining('without a result') },
    });
    const told = { ...silent, notice: 'told' };
    expect(after(told)).toMatchObject({ kind: 'ask' });
    expect(after(told, silent)).toMatchObject({
      kind: 'fail',
      error: { code: 'no_result', message: expect.stringContaining('no text and no tool call') },
    });
    const busy = turn('tool_use', [use('t1', 'list_files')], { answers: answered('t1') });
    expect(after(told, busy, silent)).toMatchObject({ kind: 'ask', notice: {} });
    expect(after(told, turn('end_turn', [text('<think>So?</think>It is done.')]))).toMatchObject({
      kind: 'finish',
      submission: { output: 'It is done.' },
    });
  });

  it.each(['content_filter', 'SAFETY', 'guardrail_intervened', 'PROHIBITED_CONTENT'])(
    'takes %s for a refusal, and names it',
    (stop) => {
      expect(after(turn(stop, [text('Sorry.')]))).toMatchObject({
        kind: 'fail',
        error: { code: 'model_refused', message: expect.stringContaining(stop) },
      });
    },
  );

  it.each([
    ['tool_use', 'no call arrived'],
    ['tool_calls', 'no call arrived'],
    ['network_error', 'broke the answer off'],
  ])('%s without a call is no end, whatever was said', (stop, sentence) => {
    const odd = turn(stop, [text('I will write the file now.')]);
    expect(after(odd)).toMatchObject({ kind: 'ask', notice: {} });
    expect(after(odd, odd)).toMatchObject({
      kind: 'fail',
      error: { code: 'no_result', message: expect.stringContaining(sentence) },
    });
  });

  it('tells of a tool call that came as text once, then fails with the name of the cause', () => {
    const written = turn('end_turn', [
      text('<tool_call>{"name": "write_file", "arguments": {"path": "a"}}</tool_call>'),
    ]);
    expect(after(written)).toMatchObject({
      kind: 'ask',
      notice: { text: expect.stringContaining('arrived as text') },
    });
    expect(after(written, written)).toMatchObject({
      kind: 'fail',
      error: { code: 'no_result', message: expect.stringContaining('tool parser') },
    });
  });

  it('takes an answer that was cut and went on as one text', () => {
    const parts = [turn('max_tokens', [text('The first ha')]), turn('length', [text('lf. ')])];
    expect(after(...parts)).toEqual({ kind: 'ask' });
    expect(after(...parts, turn('end_turn', [text('The second half.')]))).toMatchObject({
      kind: 'finish',
      submission: { output: 'The first half. The second half.' },
    });
  });

  it('says when a result was longer than is kept', () => {
    const long = turn('end_turn', [text('words '.repeat(OUTPUT_CHARS))]);
    expect(after(long)).toMatchObject({
      kind: 'finish',
      submission: { open_questions: [expect.stringContaining('is missing')] },
    });
  });

  it('fails when a model spends its whole output on thoughts again and again', () => {
    const thinking = turn('max_tokens', []);
    expect(after(thinking, thinking)).toEqual({ kind: 'ask' });
    expect(after(thinking, thinking, thinking)).toMatchObject({
      kind: 'fail',
      error: { code: 'no_result', message: expect.stringContaining('without a word') },
    });
  });

  it('gives up at the limit of turns, unless the last one has the result', () => {
    const step = (n: number) =>
      turn('tool_use', [use('t1', 'list_files', { path: `${n}` })], { answers: answered('t1') });
    const many = Array.from({ length: MAX_TURNS - 1 }, (_, n) => step(n));
    const going = step(MAX_TURNS);
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

  it('says what was noticed, as it was kept, after the answers of the tools', () => {
    const call = turn('tool_use', [use('t1', 'list_files')], { answers: answered('t1'), notice: 'Again?' });
    expect(conversation(pinned, [call]).at(-1)?.content).toEqual([
      { type: 'tool_result', tool_use_id: 't1', content: 'ok' },
      { type: 'text', text: 'Again?' },
    ]);
    const said = turn('end_turn', [text('...')], { notice: 'Is that all?' });
    expect(conversation(pinned, [said]).at(-1)).toEqual({ role: 'user', content: 'Is that all?' });
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
      { kind: 'turn.notice', turn: 1, text: 'told' },
      { kind: 'turn.requested', turn: 2, attempt: 2 },
      {
        kind: 'turn.failed',
        turn: 2,
        attempt: 2,
        reason: 'It broke off.',
        usage: { input_tokens: 3 },
        requestId: null,
      },
      { kind: 'of-tomorrow' } as unknown as JournalEntry,
    ];
    const replay = replayJournal(entries);
    expect(replay).toMatchObject({
      length: 10,
      files: [file],
      pinned,
      failedUsage: [{ input_tokens: 3 }],
    });
    expect(replay.turns).toHaveLength(1);
    expect(replay.turns[0]).toMatchObject({
      started: new Set(['t1']),
      files: [file],
      notice: 'told',
    });
    expect(replay.turns[0]?.answers.get('t1')).toEqual({ content: 'ok', isError: false });
  });
});
