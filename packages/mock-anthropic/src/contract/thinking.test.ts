import type Anthropic from '@anthropic-ai/sdk';
import { BadRequestError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstMessage, turnParams } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { failureOf, OLDER_MODEL, startHarness } from './harness.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness({ seed: 'thinking' });
});
afterAll(() => h.server.close());

const TASK = { agentType: 'coder', objective: 'Create a simple calculator app', name: 'Implement it' };

/** Two turns: the second request carries the thinking of the first back. */
const secondRequest = async (client = h.client) => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: firstMessage(TASK) }];
  const answer = await client.messages.create(turnParams(TASK, messages));
  const results = answer.content.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            type: 'tool_result' as const,
            tool_use_id: block.id,
            content: '',
            cache_control: { type: 'ephemeral' as const },
          },
        ]
      : [],
  );
  messages.push({ role: 'assistant', content: answer.content }, { role: 'user', content: results });
  return turnParams(TASK, messages);
};

const edited = (
  params: ReturnType<typeof turnParams>,
  edit: (copy: ReturnType<typeof turnParams>) => void,
) => {
  const copy = structuredClone(params);
  edit(copy);
  return copy;
};

const thinkingIn = (params: ReturnType<typeof turnParams>): Anthropic.ThinkingBlockParam => {
  const content = params.messages[1]?.content;
  const block = Array.isArray(content)
    ? content.find((candidate) => candidate.type === 'thinking')
    : undefined;
  if (block?.type !== 'thinking') throw new Error('The first answer should hold a thinking block.');
  return block;
};

describe('thinking that comes back', () => {
  test('unchanged is accepted, wherever the cache markers are by now', async () => {
    const params = await secondRequest();
    expect(thinkingIn(params).thinking).not.toBe('');
    const answer = await h.client.messages.create(params);
    expect(answer.content[0]?.type).toBe('thinking');
    expect(answer.content.some((block) => block.type === 'text')).toBe(false);
  });

  test('is accepted by another server with the same seed, and refused with another', async () => {
    const params = await secondRequest();
    const same = await startHarness({ seed: 'thinking' });
    const other = await startHarness({ seed: 'something else' });
    try {
      await same.client.messages.create(params);
      expect(await failureOf(other.client.messages.create(params))).toBeInstanceOf(BadRequestError);
    } finally {
      await same.server.close();
      await other.server.close();
    }
  });

  type Params = ReturnType<typeof turnParams>;
  const changes: Readonly<Record<string, (copy: Params) => void>> = {
    'its text': (copy) => {
      thinkingIn(copy).thinking += '!';
    },
    'its signature': (copy) => {
      const block = thinkingIn(copy);
      block.signature = `${block.signature.slice(0, -1)}_`;
    },
    'the system prompt': (copy) => {
      copy.system = [{ type: 'text', text: 'Agent type: coder, but another one' }];
    },
    'a tool': (copy) => {
      copy.tools.pop();
    },
    'the first message': (copy) => {
      copy.messages[0] = { role: 'user', content: 'Something else' };
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`changed in ${what} is a 400 that says so`, async () => {
      const error = await failureOf(h.client.messages.create(edited(await secondRequest(), change)));
      expect(error).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({
        apiMessage: expect.stringMatching(/messages\.1\.content\.0: Invalid `signature` in `thinking`/),
      });
    });
  }

  test('of another model is passed over', async () => {
    const params = { ...(await secondRequest()), model: 'claude-opus-5-5' };
    expect((await h.client.messages.create(params)).stop_reason).toBe('tool_use');
  });

  test('older models are not bound to what came before', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }];
    const params = { ...turnParams({ ...TASK, model: OLDER_MODEL }, messages), tools: [] };
    const answer = await h.client.messages.create(params);
    expect(answer.content[0]?.type).toBe('thinking');
    const next: Anthropic.MessageParam[] = [
      { role: 'user', content: 'Another beginning' },
      { role: 'assistant', content: answer.content },
      { role: 'user', content: 'Go on' },
    ];
    expect((await h.client.messages.create({ ...params, messages: next })).type).toBe('message');
  });
});

test('by default the text of thinking stays hidden, its tokens are counted all the same', async () => {
  const { thinking: _, ...params } = await secondRequest();
  const messages = params.messages.slice(0, 1);
  const answer = await h.client.messages.create({ ...params, messages });
  expect(answer.content[0]).toMatchObject({
    type: 'thinking',
    thinking: '',
    signature: expect.stringMatching(/^sim1\./),
  });
  expect(answer.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
});
