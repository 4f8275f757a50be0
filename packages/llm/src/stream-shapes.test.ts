import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Event,
  eventsOf,
  type ModelServer,
  STREAM,
  startModelServer,
  written,
} from '../test/model-server.ts';
import { whyBadInput } from './bad-input.ts';
import { classifyModelError } from './model-errors.ts';
import { streamMessage } from './stream-message.ts';

const servers: ModelServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const params = { model: 'a-model', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] };

async function ask(listener: RequestListener) {
  const server = await startModelServer(listener);
  servers.push(server);
  return streamMessage(server.client, params, { signal: new AbortController().signal });
}
const answering = (body: string | Buffer[]): RequestListener => {
  return (_request, response) => {
    response.writeHead(200, STREAM);
    for (const piece of typeof body === 'string' ? [body] : body) response.write(piece);
    response.end();
  };
};
const failureOf = async (listener: RequestListener) =>
  classifyModelError(
    await ask(listener).then(
      (answer) => `answered: ${JSON.stringify(answer.message)}`,
      (error: unknown) => error,
    ),
  );

const CONTENT = [
  { type: 'thinking', thinking: 'Let me see 🧵.', signature: 'c2lnbmVk' },
  { type: 'text', text: 'I write it 😀.' },
  { type: 'tool_use', id: 't1', name: 'write_file', input: { path: 'a.md', content: 'naïve 🧵' } },
  { type: 'tool_use', id: 't2', name: 'submit_result', input: { summary: 'Done' } },
];
const EVENTS = eventsOf(CONTENT, 'tool_use');

type Bend = (events: Event[]) => Event[];
const change = (type: string, how: (event: Event) => Event): Bend => {
  return (events) => events.map((event) => (event.type === type ? how(event) : event));
};
const renumber = (how: (index: number) => number): Bend => {
  return (events) =>
    events.map((event) => (event.index === undefined ? event : { ...event, index: how(event.index) }));
};
/** What servers that mean the Messages API have done to its streams; each leaves the answer as it is. */
const BENDS: Record<string, Bend> = {
  'start twice': (events) => [...events.slice(0, 1), ...events],
  'indexes from 1': renumber((index) => index + 1),
  'indexes with gaps': renumber((index) => index * 2),
  'the same index for all': renumber(() => 0),
  'no index': (events) => events.map(({ index: _index, ...event }) => event),
  'no block stops': (events) => events.filter(({ type }) => type !== 'content_block_stop'),
  'no end': (events) => events.filter(({ type }) => type !== 'message_stop'),
  'content null': change('message_start', (event) => ({
    ...event,
    message: { ...Object(event['message']), content: null },
  })),
  'no usage at the end': change('message_delta', ({ usage: _usage, ...event }) => event),
  'usage null': change('message_delta', (event) => ({ ...event, usage: null })),
  'no usage at the start': change('message_start', (event) => ({
    ...event,
    message: { ...Object(event['message']), usage: null },
  })),
  'no message at the start': change('message_start', () => ({ type: 'message_start' })),
  'no start': (events) => events.slice(1),
  'the reason of another protocol': change('message_delta', (event) => ({
    ...event,
    delta: { stop_reason: 'tool_calls' },
  })),
  'two ends': (events) =>
    events.flatMap((event) => (event.type === 'message_delta' ? [event, { ...event, delta: {} }] : [event])),
  'pings everywhere': (events) => events.flatMap((event) => [{ type: 'ping' }, event]),
  'an empty text before each block': (events) =>
    events.flatMap((event) => {
      if (event.type !== 'content_block_start') return [event];
      const at = { index: event.index ?? 0 };
      return [
        { type: 'content_block_start', ...at, content_block: { type: 'text', text: '' } },
        { type: 'content_block_stop', ...at },
        event,
      ];
    }),
  'thinking in blocks opened as text': change('content_block_start', (event) =>
    Object(event['content_block']).type === 'thinking'
      ? { ...event, content_block: { type: 'text', text: '' } }
      : event,
  ),
  'events of tomorrow': (events) => events.flatMap((event) => [event, { type: 'weather', index: 0 }]),
};
/** Ways to write the same events. */
const WRITINGS: Record<string, (text: string) => string> = {
  'as the provider does': (text) => text,
  'without event lines': (text) => text.replace(/^event: .*\n/gm, ''),
  CRLF: (text) => text.replaceAll('\n', '\r\n'),
  'no space': (text) => text.replaceAll(/^(event|data): /gm, '$1:'),
  comments: (text) => text.replaceAll(/^event: /gm, ': working\n\nevent: '),
  'DONE at the end': (text) => `${text}data: [DONE]\n\n`,
};

describe('a stream is put in order', () => {
  it('whatever servers have done to it: the answer is the same', async () => {
    const bends = fc.subarray(Object.keys(BENDS), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        bends,
        fc.constantFrom(...Object.keys(WRITINGS)),
        fc.nat(40),
        async (names, way, every) => {
          // Several blocks with one number can only be told apart by their stops or starts; both are there in each bend.
          const events = names.reduce((bent, name) => BENDS[name]?.(bent) ?? bent, EVENTS);
          const bytes = Buffer.from(WRITINGS[way]?.(written(events)) ?? '');
          const pieces =
            every === 0
              ? [bytes]
              : Array.from({ length: Math.ceil(bytes.length / (every * 7)) }, (_, i) =>
                  bytes.subarray(i * every * 7, (i + 1) * every * 7),
                );
          const { message } = await ask(answering(pieces));
          expect(message.content).toEqual(CONTENT);
          expect(message.stop_reason).toBe('tool_use');
          expect(message.usage.input_tokens).toBeTypeOf('number');
          expect(message.usage.output_tokens).toBeTypeOf('number');
        },
      ),
      { numRuns: 120 },
    );
  });

  it.each(Object.keys(BENDS))('%s', async (name) => {
    const { message } = await ask(answering(written(BENDS[name]?.(EVENTS) ?? [])));
    expect(message.content).toEqual(CONTENT);
  });

  it('a whole message in place of a stream', async () => {
    const message = {
      id: 'm',
      type: 'message',
      role: 'assistant',
      content: CONTENT,
      stop_reason: 'tool_use',
      usage: { input_tokens: 4, output_tokens: 5 },
    };
    const answer = await ask((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message)),
    );
    expect(answer.message).toMatchObject({
      content: CONTENT,
      stop_reason: 'tool_use',
      usage: { input_tokens: 4, output_tokens: 5 },
    });
  });

  it('an answer with nothing in it is an answer with nothing in it', async () => {
    const { message } = await ask(answering(written(eventsOf([{ type: 'text', text: ' \n' }]))));
    expect(message.content).toEqual([]);
    expect(message.stop_reason).toBe('end_turn');
  });
});

describe('a tool input', () => {
  const withJson = (partial_json: string) => {
    const [start, block, ...rest] = eventsOf(
      [{ type: 'tool_use', id: 't', name: 'write_file', input: {} }],
      'tool_use',
    );
    const piece = {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json },
    };
    return written(
      [start, block, piece, ...rest.filter(({ type }) => type !== piece.type)].flatMap(
        (event) => event ?? [],
      ),
    );
  };

  it.each([
    ['{"path": "a.md", "content": INVALID}', /parser says/],
    ['{"path": "a.md"', /parser says/],
    ['["a.md"]', /It is a list/],
    ['7', /It is a number/],
    ['"a.md"', /It is a string/],
  ])('that is not an object is a marked one: %s', async (json, reason) => {
    const { message } = await ask(answering(withJson(json)));
    const [call] = message.content;
    expect(call).toMatchObject({ type: 'tool_use', id: 't', name: 'write_file' });
    const input = call?.type === 'tool_use' ? call.input : undefined;
    expect(whyBadInput(input)).toMatch(reason);
    expect(JSON.stringify(input)).toContain(JSON.stringify(json).slice(1, -1));
  });

  it('that was written as JSON within JSON is read', async () => {
    const { message } = await ask(answering(withJson(JSON.stringify('{"path":"a.md"}'))));
    expect(message.content).toMatchObject([{ input: { path: 'a.md' } }]);
    expect(whyBadInput({ path: 'a.md' })).toBeUndefined();
  });

  it('whose pieces belong to no call is never run', async () => {
    // No block ends, and the pieces have the number of none: there is more than one call that they could be of.
    const lost = EVENTS.filter(({ type }) => type !== 'content_block_stop').map((event) =>
      event.type === 'content_block_delta' ? { ...event, index: 9 } : event,
    );
    expect(await failureOf(answering(written(lost)))).toMatchObject({
      kind: 'rejected',
      sentence: expect.stringContaining("a piece of a tool's input"),
    });
  });
});

describe('what is no answer', () => {
  const page = '<!doctype html><html><head><title>Sign in to the\n proxy</title></head><body>x</body></html>';
  it.each([
    [
      'a web page',
      { 'content-type': 'text/html; charset=utf-8' },
      page,
      /text\/html.*"Sign in to the proxy"/,
    ],
    ['a page said to be a stream', STREAM, page, /text\/event-stream/],
    [
      'another protocol',
      STREAM,
      'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n',
      /chat\.completion/,
    ],
    [
      'another protocol, whole',
      { 'content-type': 'application/json' },
      '{"choices":[]}',
      /no message .*choices/,
    ],
    ['words', { 'content-type': 'text/plain' }, 'data: hello\n\n', /not JSON .*text\/plain.*hello/],
    [
      'two answers in one',
      STREAM,
      written([...EVENTS.slice(0, 5), { type: 'message_start', message: { id: 'other' } }]),
      /second answer/,
    ],
  ])('%s is named once, with the server', async (_what, headers, body, words) => {
    const failure = await failureOf((_request, response) => response.writeHead(200, headers).end(body));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'model_rejected' });
    expect(failure.sentence).toMatch(
      /^The server at http:\/\/127\.0\.0\.1:\d+ does not speak the Messages API: /,
    );
    expect(failure.sentence).toMatch(words);
  });

  it.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}', 'overloaded'],
    ['{"error":{"message":"Out of memory"}}', 'retry'],
    ['{"error":"No such model","type":"x"}', 'retry'],
  ])('an error with the status of a success is an error: %s', async (body, kind) => {
    const whole = await failureOf((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    );
    expect(whole).toMatchObject({ kind, code: 'model_unavailable' });
  });

  it('an error without a type in a stream is an error', async () => {
    const failure = await failureOf(answering('data: {"error":{"message":"Out of memory"}}\n\n'));
    expect(failure).toMatchObject({ kind: 'retry', sentence: expect.stringContaining('Out of memory') });
  });

  it.each([
    [
      'a stream',
      STREAM,
      written(EVENTS)
        .slice(0, -200)
        .replace(/[^\n]*$/, ''),
    ],
    ['JSON', { 'content-type': 'application/json' }, '{"type":"message","content":[{"type":"te'],
  ])('%s that broke off may be asked for again', async (_what, headers, body) => {
    const cut = body.includes('message_delta') ? body.slice(0, body.indexOf('event: message_delta')) : body;
    const failure = await failureOf((_request, response) => response.writeHead(200, headers).end(cut));
    expect(failure).toMatchObject({ kind: 'retry', code: 'model_unavailable' });
  });

  it('never becomes an error of our own, whatever the events hold', async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('text', 'tool_use', 'thinking', 'text_delta', 'input_json_delta', 0, 1),
    );
    const fields = fc.dictionary(
      fc.constantFrom(
        'type',
        'text',
        'thinking',
        'partial_json',
        'id',
        'name',
        'input',
        'stop_reason',
        'usage',
        'content',
        'signature',
      ),
      value,
    );
    const one = fc.record(
      {
        type: fc.constantFrom(
          'message_start',
          'content_block_start',
          'content_block_delta',
          'content_block_stop',
          'message_delta',
          'message_stop',
          'error',
          'ping',
        ),
        index: fc.oneof(fc.nat(2), value),
        message: fc.oneof(fields, value),
        content_block: fc.oneof(fields, value),
        delta: fc.oneof(fields, value),
        usage: fc.oneof(fields, value),
      },
      { requiredKeys: ['type'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 12 }), async (events) => {
        const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
        const answer = await ask(answering(body)).catch((error: unknown) => classifyModelError(error));
        if ('kind' in answer) expect(answer.code).toMatch(/^model_/);
        else expect(Array.isArray(answer.message.content)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
