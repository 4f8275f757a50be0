import type Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { MODEL, startHarness } from './harness.ts';

let h: Harness;
beforeEach(async () => {
  h = await startHarness();
});
afterEach(() => h.server.close());

const LONG = 'All agents of this swarm share these words. '.repeat(100);
const marker = { type: 'ephemeral' as const };

const ask = async (
  messages: Anthropic.MessageParam[],
  more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
) => (await h.client.messages.create({ model: MODEL, max_tokens: 200, messages, ...more })).usage;

const user = (content: string): Anthropic.MessageParam => ({ role: 'user', content });

describe('the prompt cache', () => {
  test('a marked system prompt is written once and read by its siblings', async () => {
    const system: Anthropic.TextBlockParam[] = [{ type: 'text', text: LONG, cache_control: marker }];
    const first = await ask([user('One')], { system });
    expect(first.cache_read_input_tokens).toBe(0);
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1000);
    expect(first.cache_creation?.ephemeral_5m_input_tokens).toBe(first.cache_creation_input_tokens);
    const second = await ask([user('Two')], { system });
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    expect(second.input_tokens).toBeLessThan(20);
  });

  test('the automatic marker follows a growing conversation', async () => {
    const messages = [user(LONG)];
    const first = await ask(messages, { cache_control: { ...marker, ttl: '1h' } });
    expect(first.cache_creation?.ephemeral_1h_input_tokens).toBe(first.cache_creation_input_tokens);
    messages.push({ role: 'assistant', content: 'I see.' }, user('Go on'));
    const second = await ask(messages, { cache_control: { ...marker, ttl: '1h' } });
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBeGreaterThan(0);
    expect(second.input_tokens).toBe(0);
  });

  test('one changed byte in front, another model or another key misses', async () => {
    const system = (text: string): Anthropic.TextBlockParam[] => [
      { type: 'text', text, cache_control: marker },
    ];
    await ask([user('Hi')], { system: system(LONG) });
    expect((await ask([user('Hi')], { system: system(`!${LONG}`) })).cache_read_input_tokens).toBe(0);
    const opus = await ask([user('Hi')], { system: system(LONG), model: 'claude-opus-5-5' });
    expect(opus.cache_read_input_tokens).toBe(0);
    const stranger = h.client.withOptions({ apiKey: 'somebody else' });
    const params = { model: MODEL, max_tokens: 200, messages: [user('Hi')], system: system(LONG) };
    expect((await stranger.messages.create(params)).usage.cache_read_input_tokens).toBe(0);
    expect((await h.client.messages.create(params)).usage.cache_read_input_tokens).toBeGreaterThan(0);
  });

  test('a short prefix is not cached, and nothing without a marker', async () => {
    const short = await ask([user('Hi')], {
      system: [{ type: 'text', text: 'Short.', cache_control: marker }],
    });
    expect(short.cache_creation_input_tokens).toBe(0);
    await ask([user(LONG)]);
    expect((await ask([user(LONG)])).cache_read_input_tokens).toBe(0);
  });
});
