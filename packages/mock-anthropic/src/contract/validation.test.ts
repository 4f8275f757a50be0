import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { MODEL, OLDER_MODEL, startHarness } from './harness.ts';
import { TOOLS } from './workspace.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

type Message = Anthropic.MessageParam;

const user = (content: Message['content']): Message => ({ role: 'user', content });
const assistant = (content: Message['content']): Message => ({ role: 'assistant', content });
const use = (id: string): Anthropic.ToolUseBlockParam => ({
  type: 'tool_use',
  id,
  name: 'list_files',
  input: {},
});
const result = (id: string): Anthropic.ToolResultBlockParam => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'ok',
});
const schema = (extra: object = {}) => ({
  type: 'json_schema',
  schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], ...extra },
});
const marked = { type: 'text' as const, text: 'x', cache_control: { type: 'ephemeral' as const } };

const REFUSED: ReadonlyArray<[name: string, change: Record<string, unknown>, message: RegExp]> = [
  ['temperature', { temperature: 0.5 }, /temperature: Extra inputs are not permitted/],
  ['top_p', { top_p: 1 }, /top_p: Extra inputs/],
  ['an unknown field', { colour: 'red' }, /colour: Extra inputs/],
  ['a missing max_tokens', { max_tokens: undefined }, /max_tokens: Field required/],
  ['max_tokens above the model', { max_tokens: 500_000 }, /max_tokens: 500000 > 128000/],
  ['no messages', { messages: [] }, /messages/],
  ['every wrong field at once', { max_tokens: 'x', stream: 'y' }, /max_tokens: .*stream: /],
  ['forced tool use', { tools: TOOLS, tool_choice: { type: 'any' } }, /tool_choice: forced tool use/],
  [
    'a forced tool',
    { tools: TOOLS, tool_choice: { type: 'tool', name: 'list_files' } },
    /tool_choice: forced/,
  ],
  ['tool_choice without tools', { tool_choice: { type: 'auto' } }, /tool_choice: may only be specified/],
  [
    'disabled thinking',
    { thinking: { type: 'disabled' } },
    /"thinking.type.disabled" is not supported.*between_tools/,
  ],
  [
    'a thinking budget',
    { thinking: { type: 'enabled', budget_tokens: 1024 } },
    /"thinking.type.enabled" is not/,
  ],
  [
    'between_tools at the highest effort',
    { thinking: { type: 'between_tools' }, output_config: { effort: 'max' } },
    /not supported at effort "max"/,
  ],
  [
    'prefill',
    { messages: [user('Hi'), assistant('The answer is')] },
    /does not support assistant message prefill/,
  ],
  [
    'an assistant first',
    { messages: [assistant('Hi'), user('Hi')] },
    /first message must use the "user" role/,
  ],
  ['empty content', { messages: [user([])] }, /messages\.0: .*non-empty content/],
  [
    'an empty text',
    { messages: [user([{ type: 'text', text: '' }])] },
    /messages\.0\.content\.0: text content blocks/,
  ],
  [
    'a blank text',
    { messages: [user('Hi'), assistant([{ type: 'text', text: '\n\n' }, use('a')]), user([result('a')])] },
    /messages\.1\.content\.0: text content blocks must contain non-whitespace text/,
  ],
  ['half a character', { messages: [user('Half \ud83d')] }, /request body is not valid JSON/],
  [
    'the other half, deep in an input',
    {
      messages: [user('Hi'), assistant([{ ...use('a'), input: { path: ['\ude00'] } }]), user([result('a')])],
    },
    /request body is not valid JSON/,
  ],
  [
    'a call of an impossible tool',
    { messages: [user('Hi'), assistant([{ ...use('a'), name: 'functions.list' }]), user([result('a')])] },
    /messages\.1\.content\.0\.name: /,
  ],
  ['tools of the same name', { tools: [...TOOLS, ...TOOLS.slice(0, 1)] }, /Tool names must be unique/],
  [
    'an unanswered tool_use',
    { messages: [user('Hi'), assistant([use('a'), use('b')]), user([result('a')])] },
    /messages\.1: `tool_use` ids were found without `tool_result` blocks immediately after: b\./,
  ],
  [
    'a tool_use answered too late',
    { messages: [user('Hi'), assistant([use('a')]), user('wait'), user([result('a')])] },
    /without `tool_result` blocks immediately after: a/,
  ],
  [
    'a result for an unknown id',
    { messages: [user('Hi'), assistant([use('a')]), user([result('a'), result('z')])] },
    /messages\.2\.content\.1: unexpected `tool_use_id` .*: z\./,
  ],
  [
    'two results for one id',
    { messages: [user('Hi'), assistant([use('a')]), user([result('a'), result('a')])] },
    /must have a single result/,
  ],
  [
    'results after other content',
    { messages: [user('Hi'), assistant([use('a')]), user([{ type: 'text', text: 'x' }, result('a')])] },
    /must come before any other content/,
  ],
  [
    'an id used twice',
    {
      messages: [
        user('Hi'),
        assistant([use('a')]),
        user([result('a')]),
        assistant([use('a')]),
        user([result('a')]),
      ],
    },
    /`tool_use` ids must be unique: a/,
  ],
  [
    'five cache markers',
    { messages: [user([marked, marked, marked, marked, marked])] },
    /maximum of 4 blocks/,
  ],
  [
    'an open output schema',
    { output_config: { format: schema() } },
    /'additionalProperties' must be explicitly/,
  ],
  [
    'limits in an output schema',
    {
      output_config: {
        format: schema({ additionalProperties: false, properties: { a: { type: 'string', maxLength: 3 } } }),
      },
    },
    /properties\.a: property 'maxLength' is not supported/,
  ],
];

test('whole characters, escaped ones and words about halves are taken', async () => {
  for (const content of ['😀', 'the escape \\ud83d', '\\\\ud83d', '\u00e9']) {
    const answer = await h.post({ model: MODEL, max_tokens: 10, messages: [user(content)] });
    expect(answer.status).toBe(200);
  }
  const escaped = `{"model":"${MODEL}","max_tokens":10,"messages":[{"role":"user","content":"\\ud83d\\ude00"}]}`;
  expect((await h.post(escaped)).status).toBe(200);
});

describe('refused with 400', () => {
  for (const [name, change, message] of REFUSED) {
    test(name, async () => {
      const body = { model: MODEL, max_tokens: 100, messages: [user('Hi')], ...change };
      const response = await h.post(body);
      expect(response.status).toBe(400);
      const answer = (await response.json()) as {
        error: { type: string; message: string };
        request_id: string;
      };
      expect(answer.error.type).toBe('invalid_request_error');
      expect(answer.error.message).toMatch(message);
      expect(answer.request_id).toBe(response.headers.get('request-id'));
    });
  }

  test('what is not JSON', async () => {
    const response = await h.post('{"model":');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('not valid JSON') },
    });
  });

  test('the same faults when tokens are counted', async () => {
    const body = { model: MODEL, messages: [user([])] };
    expect((await h.post(body, {}, '/v1/messages/count_tokens')).status).toBe(400);
  });
});

describe('accepted', () => {
  const base = { max_tokens: 100, messages: [user('Hi')] };
  const cases: ReadonlyArray<[string, Record<string, unknown>, Record<string, string>?]> = [
    [
      'neutral sampling in the older version',
      { model: MODEL, temperature: 1 },
      { 'anthropic-version': '2023-06-01' },
    ],
    [
      'between_tools',
      { model: MODEL, thinking: { type: 'between_tools' }, output_config: { effort: 'high' } },
    ],
    ['a forced tool on an older model', { model: OLDER_MODEL, tools: TOOLS, tool_choice: { type: 'any' } }],
    [
      'a budget on an older model',
      { model: OLDER_MODEL, max_tokens: 3000, thinking: { type: 'enabled', budget_tokens: 2000 } },
    ],
    ['disabled thinking where it exists', { model: 'claude-haiku-5-5', thinking: { type: 'disabled' } }],
    [
      'a system message in between',
      { model: MODEL, messages: [user('Hi'), { role: 'system', content: 'Be brief.' }, user('Go')] },
    ],
  ];
  for (const [name, change, headers] of cases) {
    test(name, async () => {
      const response = await h.post({ ...base, ...change }, headers);
      expect(await response.json()).toMatchObject({ type: 'message' });
    });
  }
});
