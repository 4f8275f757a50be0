import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstMessage, turnParams } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { failureOf, MODEL, OLDER_MODEL, SOON, startHarness } from './harness.ts';
import { TOOLS } from './workspace.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

const ask = (content: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
  h.client.messages.create({
    model: MODEL,
    max_tokens: 1000,
    messages: [{ role: 'user', content }],
    ...more,
  });

const CODER = { agentType: 'coder', objective: 'Build a REST API for user management', name: 'Implement it' };
const startCoder = (): Anthropic.MessageParam[] => [{ role: 'user', content: firstMessage(CODER) }];

describe('create', () => {
  test('answers as a simulation, with every usage field and a request id', async () => {
    const { data, request_id, response } = await ask('Hello').withResponse();
    expect(data.id).toMatch(/^msg_sim_/);
    expect(request_id).toMatch(/^req_sim_/);
    expect(data).toMatchObject({ type: 'message', role: 'assistant', model: MODEL, stop_reason: 'end_turn' });
    const text = data.content.find((block) => block.type === 'text')?.text;
    expect(text).toContain('Hello');
    expect(text).toContain('(simulated model)');
    expect(data.usage.input_tokens).toBeGreaterThan(0);
    expect(data.usage.output_tokens).toBeGreaterThan(0);
    expect(data.usage).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 });
    for (const kind of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      for (const part of ['limit', 'remaining', 'reset']) {
        expect(response.headers.get(`anthropic-ratelimit-${kind}-${part}`)).toBeTruthy();
      }
    }
  });

  test('accepts an x-api-key and the beta query, too', async () => {
    const response = await fetch(`${h.server.url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: MODEL, max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(response.status).toBe(200);
  });

  test('cuts at max_tokens, at a stop sequence, and only fills the cache at zero', async () => {
    const cut = await ask('A rather long question about everything there is', {
      max_tokens: 6,
      thinking: { type: 'between_tools' },
    });
    expect(cut.stop_reason).toBe('max_tokens');
    expect(cut.usage.output_tokens).toBeLessThanOrEqual(6);
    const stopped = await ask('one STOP two', { stop_sequences: ['STOP'] });
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'STOP' });
    expect(stopped.content.map((block) => (block.type === 'text' ? block.text : '')).join('')).not.toContain(
      'two',
    );
    const nothing = await ask('Hello', { max_tokens: 0 });
    expect(nothing).toMatchObject({ content: [], usage: { output_tokens: 0 } });
  });

  test('obeys tool_choice none, and a forced tool where the model allows it', async () => {
    const none = await h.client.messages.create({
      ...turnParams(CODER, startCoder()),
      tool_choice: { type: 'none' },
    });
    expect(none.content.some((block) => block.type === 'tool_use')).toBe(false);
    const { thinking: _, ...plain } = turnParams({ ...CODER, model: OLDER_MODEL }, startCoder());
    const forced = await h.client.messages.create({
      ...plain,
      tool_choice: { type: 'tool', name: 'search_files' },
    });
    const call = forced.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'search_files', input: { pattern: expect.any(String) } });
    const single = await h.client.messages.create({
      ...turnParams({ ...CODER, files: new Map([['docs/a.md', '# A']]) }, [
        { role: 'user', content: firstMessage({ ...CODER, files: new Map([['docs/a.md', '# A']]) }) },
      ]),
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(single.content.filter((block) => block.type === 'tool_use')).toHaveLength(1);
  });
});

describe('stream', () => {
  test('sends the events in the exact order of the real API', async () => {
    const stream = h.client.messages.stream(turnParams(CODER, startCoder()));
    const types: string[] = [];
    stream.on('streamEvent', (event) => void types.push(event.type));
    const final = await stream.finalMessage();
    const order = types.filter((type, index) => type !== types[index - 1]);
    const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
    expect(order).toEqual([
      'message_start',
      ...final.content.flatMap(() => block),
      'message_delta',
      'message_stop',
    ]);
    expect(final.content.map((entry) => entry.type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(final.stop_reason).toBe('tool_use');
    expect(stream.request_id).toMatch(/^req_sim_/);
  });

  test('splits tool input into pieces that join to the same JSON', async () => {
    const messages = startCoder();
    const first = await h.client.messages.stream(turnParams(CODER, messages)).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call?.name).toBe('list_files');
    messages.push(
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: '' }] },
    );
    const pieces: string[] = [];
    const stream = h.client.messages.stream(turnParams(CODER, messages));
    stream.on('streamEvent', (event) => {
      if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta') {
        pieces.push(event.delta.partial_json);
      }
    });
    const second = await stream.finalMessage();
    const writes = second.content.filter((block) => block.type === 'tool_use');
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.join('')).toBe(writes.map((write) => JSON.stringify(write.input)).join(''));
    expect(writes[0]).toMatchObject({ name: 'write_file', input: { path: expect.stringMatching(/^src\//) } });
  });

  test('survives characters of several bytes that are cut across chunks', async () => {
    const slow = await startHarness({ latencyMs: 1000 });
    try {
      await slow.rules({ respond: { latencyMs: 0 } });
      const question = 'Grüße aus Köln 😀 日本語 '.repeat(8).trim();
      const request = {
        model: MODEL,
        max_tokens: 1000,
        messages: [{ role: 'user' as const, content: question }],
      };
      const final = await slow.client.messages.stream(request).finalMessage();
      const text = final.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
      expect(text).toContain(question);
    } finally {
      await slow.server.close();
    }
  });

  test('gives the same content streamed and not streamed', async () => {
    const params = turnParams(CODER, startCoder());
    const streamed = await h.client.messages.stream(params).finalMessage();
    const whole = await h.client.messages.create(params);
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test('an abort is seen by the server, which stops counting the call as running', async () => {
    await h.rules({ respond: { hang: true }, times: 1 });
    const before = await h.stats();
    const stream = h.client.messages.stream({
      model: MODEL,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'x' }],
    });
    const failure = failureOf(stream.finalMessage());
    await expect.poll(async () => (await h.stats()).inFlight, SOON).toBe(1);
    stream.abort();
    expect((await failure) as Error).toMatchObject({ name: 'APIUserAbortError' });
    await expect.poll(async () => (await h.stats()).inFlight, SOON).toBe(0);
    expect((await h.stats()).completed).toBe(before.completed);
    expect((await h.requests())[0]).toMatchObject({ outcome: 'aborted' });
  });
});

describe('count_tokens and models', () => {
  test('counts what a call is then charged for', async () => {
    const params = { model: MODEL, system: 'Be brief.', tools: TOOLS, messages: startCoder() };
    const { input_tokens } = await h.client.messages.countTokens(params);
    const answer = await h.client.messages.create({ ...params, max_tokens: 500 });
    expect(answer.usage.input_tokens).toBe(input_tokens);
  });

  test('lists all models over several pages, and knows each by its id', async () => {
    const ids: string[] = [];
    for await (const model of h.client.models.list({ limit: 5 })) ids.push(model.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([MODEL, 'claude-opus-5-5', 'claude-haiku-5-5', OLDER_MODEL]));
    const model = await h.client.models.retrieve(MODEL);
    expect(model).toMatchObject({ id: MODEL, type: 'model', lifecycle: 'active', line: 'sonnet' });
    expect(model.capabilities?.thinking.types.disabled.supported).toBe(false);
    expect((await h.client.models.retrieve('claude-haiku-4-5-20251001')).id).toBe('claude-haiku-4-5');
  });
});
