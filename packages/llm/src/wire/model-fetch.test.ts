import type { IncomingMessage, RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsOf, type ModelServer, STREAM, startModelServer, written } from '../../test/model-server.ts';
import type { ModelClientOptions } from '../client.ts';
import { classifyModelError } from '../model-errors.ts';
import { streamMessage } from '../stream-message.ts';
import type { LeftOut } from './model-fetch.ts';

const servers: ModelServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function serve(listener: RequestListener, options: Partial<ModelClientOptions> = {}) {
  const server = await startModelServer(listener, options);
  servers.push(server);
  return server;
}
const ANSWER = written(eventsOf([{ type: 'text', text: 'Yes' }]));
const PARAMS = {
  model: 'a-model',
  max_tokens: 16_000,
  messages: [{ role: 'user' as const, content: 'hi' }],
};
const FULL = {
  ...PARAMS,
  system: [{ type: 'text' as const, text: 'You.', cache_control: { type: 'ephemeral' as const } }],
  cache_control: { type: 'ephemeral' as const },
  thinking: { type: 'adaptive' as const },
  output_config: { effort: 'medium' as const },
  tools: [
    {
      name: 'note',
      input_schema: {
        type: 'object' as const,
        additionalProperties: false,
        properties: {
          pattern: { type: 'string', pattern: '^a' },
          lines: { type: 'array', items: { maxLength: 3 } },
        },
      },
    },
  ],
};
const ask = ({ client }: ModelServer, params: object = PARAMS) =>
  streamMessage(client, { ...PARAMS, ...params }, { signal: new AbortController().signal });
const failureOf = async (server: ModelServer) =>
  classifyModelError(
    await ask(server).then(
      () => 'answered',
      (error: unknown) => error,
    ),
  );
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}

/** Refuses a request until `fault` finds nothing wrong with it. */
async function strict(
  fault: (body: Record<string, unknown>) => object | string | undefined,
  options: Partial<ModelClientOptions> = {},
) {
  const seen: Record<string, unknown>[] = [];
  const server = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      seen.push(body);
      const wrong = fault(body);
      if (wrong === undefined) response.writeHead(200, STREAM).end(ANSWER);
      else {
        const json = typeof wrong === 'object';
        response.writeHead(400, { 'content-type': json ? 'application/json' : 'text/plain' });
        response.end(json ? JSON.stringify(wrong) : wrong);
      }
    });
  }, options);
  return { server, seen };
}
const refusal = (message: string) => ({ type: 'error', error: { type: 'invalid_request_error', message } });

describe('optional fields', () => {
  it.each([
    ['output_config', refusal('output_config: Extra inputs are not permitted')],
    [
      'thinking',
      {
        detail: [
          { type: 'extra_forbidden', loc: ['body', 'thinking'], msg: 'Extra inputs are not permitted' },
        ],
      },
    ],
    ['cache_control', 'unknown field "cache_control"'],
  ])(
    '%s is left out when the server refuses it, from then on and for this model alone',
    async (field, wrong) => {
      const notices: LeftOut[] = [];
      const { server, seen } = await strict(
        (body) =>
          body['model'] === 'a-model' && JSON.stringify(body).includes(`"${field}":`) ? wrong : undefined,
        { onLeftOut: (notice) => notices.push(notice) },
      );
      await ask(server, FULL);
      await ask(server, FULL);
      await ask(server, { ...FULL, model: 'another' });
      expect(seen.map((body) => JSON.stringify(body).includes(`"${field}":`))).toEqual([
        true,
        false,
        false,
        true,
      ]);
      expect(seen[1]).toMatchObject({ max_tokens: 16_000, messages: PARAMS.messages });
      expect(notices).toEqual([{ server: server.url, model: 'a-model', fields: [field] }]);
    },
  );

  it('one refusal after the other', async () => {
    const { server, seen } = await strict((body) => {
      for (const field of ['output_config', 'thinking', 'cache_control']) {
        if (JSON.stringify(body).includes(`"${field}":`)) return refusal(`${field} is not supported`);
      }
      return undefined;
    });
    await ask(server, FULL);
    expect(seen).toHaveLength(4);
    expect(seen[3]).not.toHaveProperty('system.0.cache_control');
    expect(seen[3]).toHaveProperty('system.0.text', 'You.');
  });

  it.each([
    ['max_tokens: 16000 > 8192, which is the maximum allowed number of output tokens for a-model', 8_192],
    ["'max_tokens' is too large: 16000. Use at most 4,096.", 4_096],
    ['max_tokens is too large', 8_000],
  ])('max_tokens is lowered to what the server says: %s', async (sentence, limit) => {
    const { server, seen } = await strict((body) =>
      Number(body['max_tokens']) > limit ? refusal(sentence) : undefined,
    );
    await ask(server);
    await ask(server);
    expect(seen.map((body) => body['max_tokens'])).toEqual([16_000, limit, limit]);
  });

  it('a limit of one long conversation is not that of the next', async () => {
    const { server, seen } = await strict((body) =>
      JSON.stringify(body).includes('long') && Number(body['max_tokens']) > 9_000
        ? refusal('input length and `max_tokens` exceed context limit: 191808 + 16000 > 200000')
        : undefined,
    );
    await ask(server, { messages: [{ role: 'user', content: 'long' }] });
    await ask(server);
    expect(seen.map((body) => body['max_tokens'])).toEqual([16_000, 8_000, 16_000]);
  });

  it('keywords of tool schemas go, properties with their names stay', async () => {
    const { server, seen } = await strict((body) => {
      const schema = JSON.stringify(body['tools']);
      if (schema.includes('"additionalProperties":'))
        return refusal('Unknown name "additionalProperties" at tools[0]');
      if (schema.includes('"pattern":"')) return refusal('schema keyword pattern is not supported');
      return undefined;
    });
    await ask(server, FULL);
    expect(seen[2]?.['tools']).toEqual([
      {
        name: 'note',
        input_schema: {
          type: 'object',
          properties: { pattern: { type: 'string' }, lines: { type: 'array', items: { maxLength: 3 } } },
        },
      },
    ]);
  });

  it.each([
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.3.content.1.thinking: Field required',
    'rethinking is not supported',
    'prompt is too long: 201000 tokens > 200000 maximum',
  ])('what is refused for another reason is not asked again: %s', async (sentence) => {
    const { server, seen } = await strict(() => refusal(sentence));
    await expect(ask(server, FULL)).rejects.toThrow(sentence.slice(0, 10));
    expect(seen).toHaveLength(1);
  });

  it('what is refused without the field too stays in the next request, and is told as the server says it', async () => {
    const { server, seen } = await strict(() => refusal('thinking is not supported'));
    await expect(ask(server, FULL)).rejects.toThrow('thinking is not supported');
    await expect(ask(server, FULL)).rejects.toThrow();
    expect(seen.map((body) => 'thinking' in body)).toEqual([true, false, true, false]);
  });

  it('fields that are switched off are never sent, output tokens never more than allowed', async () => {
    const { server, seen } = await strict(() => undefined, {
      maxOutputTokens: 2_000,
      neverSent: [{ kind: 'cache_control' }, { kind: 'field', name: 'output_config' }],
    });
    await ask(server, FULL);
    expect(seen[0]).toMatchObject({ max_tokens: 2_000, thinking: FULL.thinking });
    expect(JSON.stringify(seen)).not.toMatch(/cache_control|output_config/);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])(
    '%i is not followed: neither the prompt nor the key goes along',
    async (status) => {
      let visits = 0;
      const other = await serve((_request, response) => {
        visits += 1;
        response.writeHead(200, STREAM).end(ANSWER);
      });
      let calls = 0;
      const server = await serve((_request, response) => {
        calls += 1;
        response.writeHead(status, { location: `${other.url}/v1/messages?secret=1` }).end();
      });
      const failure = await failureOf(server);
      expect(failure).toMatchObject({ kind: 'rejected', code: 'model_rejected' });
      expect(failure.sentence).toContain(`${server.url} redirects model calls to ${other.url} (${status})`);
      expect(failure.sentence).not.toContain('secret');
      expect([calls, visits]).toEqual([1, 0]);
    },
  );

  it('without an address is named as well', async () => {
    const server = await serve((_request, response) => response.writeHead(302).end());
    expect((await failureOf(server)).sentence).toContain('redirects model calls to another path of');
  });
});

describe('silence', () => {
  const [start, ...rest] = eventsOf([{ type: 'text', text: 'Yes' }]);
  const begin = written(start === undefined ? [] : [start]);

  it('pings and comments are signs of life: the answer may begin long after the limit', async () => {
    const server = await serve(
      (_request, response) => {
        response.writeHead(200, STREAM).write(begin);
        let left = 12;
        const timer = setInterval(() => {
          left -= 1;
          response.write(left % 2 === 0 ? 'event: ping\ndata: {"type": "ping"}\n\n' : ': working\n\n');
          if (left > 0) return;
          clearInterval(timer);
          response.end(written(rest));
        }, 50);
        response.once('close', () => clearInterval(timer));
      },
      { timeoutMs: 400, stallMs: 400 },
    );
    const { message } = await ask(server);
    expect(message.content).toMatchObject([{ text: 'Yes' }]);
  });

  it.each([
    ['before the answer', begin, 'CLAUDE_FLOW_MODEL_STALL_FIRST_MS', { timeoutMs: 60, stallMs: 60_000 }],
    [
      'within it',
      begin + written(rest.slice(0, 2)),
      'CLAUDE_FLOW_MODEL_STALL_MS',
      { timeoutMs: 60_000, stallMs: 60 },
    ],
  ])(
    '%s has a limit of its own, and the sentence names its variable',
    async (_when, body, variable, limits) => {
      const server = await serve(
        (_request, response) => void response.writeHead(200, STREAM).write(body),
        limits,
      );
      const failure = await failureOf(server);
      expect(failure).toMatchObject({ kind: 'retry', code: 'model_unavailable' });
      expect(failure.sentence).toMatch(new RegExp(`${variable}\\b`));
    },
  );
});
