import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createModelClient } from './client.ts';
import { classifyModelError } from './model-errors.ts';
import { streamMessage } from './stream-message.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that speaks just enough of the wire format to go wrong in the ways that a provider can. */
async function serve(listener: RequestListener, limits: { answerBytes?: number } = {}) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return createModelClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 5_000, ...limits });
}

/** Writes the same again and again for as long as somebody reads. */
function endless(text: string): { listener: RequestListener; closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  return {
    closed,
    listener(_request, response) {
      response.once('close', resolve);
      const more = () => {
        while (!response.destroyed && response.write(text));
      };
      response.writeHead(200, headers).on('drain', more).write(START);
      more();
    },
  };
}

const event = (type: string, data: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const START = event('message_start', {
  message: {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'x',
    content: [],
    usage: { input_tokens: 3, output_tokens: 0 },
  },
});
const TEXT =
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hel' } }) +
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'lo' } }) +
  event('content_block_stop', { index: 0 });
const TOOL =
  event('content_block_start', {
    index: 1,
    content_block: { type: 'tool_use', id: 't1', name: 'read_file', input: {} },
  }) +
  event('content_block_delta', {
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"path":"a' },
  }) +
  event('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '.md"}' } }) +
  event('content_block_stop', { index: 1 });
const END =
  event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } }) +
  event('message_stop', {});

const headers = { 'content-type': 'text/event-stream', 'request-id': 'req_1' };
const params = { model: 'x', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] };
const options = () => ({ signal: new AbortController().signal });

describe('streamMessage', () => {
  it('gives the whole answer as plain data, and the text on the way', async () => {
    const client = await serve((_request, response) =>
      response.writeHead(200, headers).end(START + TEXT + TOOL + END),
    );
    const texts: string[] = [];
    const answer = await streamMessage(client, params, { ...options(), onText: (text) => texts.push(text) });
    expect(answer.requestId).toBe('req_1');
    expect(answer.message).toMatchObject({
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, output_tokens: 9 },
    });
    expect(answer.message.content).toEqual([
      { type: 'text', text: 'Hello' },
      { type: 'tool_use', id: 't1', name: 'read_file', input: { path: 'a.md' } },
    ]);
    expect(texts.join('')).toBe('Hello\n');
  });

  it.each([
    ['text', TEXT],
    ['one line', 'data: and so on '],
  ])('breaks off an answer of %s without end, and may be called again', async (_what, text) => {
    const { listener, closed } = endless(text);
    const client = await serve(listener, { answerBytes: 1024 * 1024 });
    const error = await streamMessage(client, params, options()).catch((failure: unknown) => failure);
    expect(classifyModelError(error)).toMatchObject({
      kind: 'retry',
      sentence: "The model's answer broke off (it has more than 1048576 bytes).",
    });
    await closed;
  });

  it('never retries by itself', async () => {
    let calls = 0;
    const client = await serve((_request, response) => {
      calls += 1;
      response.writeHead(529, { 'content-type': 'application/json', 'retry-after': '2' });
      response.end('{"type":"error","error":{"type":"overloaded_error","message":"busy"}}');
    });
    const error = await streamMessage(client, params, options()).catch((e: unknown) => e);
    expect(classifyModelError(error)).toMatchObject({ kind: 'overloaded', retryAfterMs: 2_000 });
    expect(calls).toBe(1);
  });

  it.each([
    [
      'an error event',
      START + event('error', { error: { type: 'overloaded_error', message: 'x' } }),
      'overloaded',
    ],
    ['an end before the end', START + TEXT, 'retry'],
    ['no events', '', 'retry'],
    ['garbage', 'event: message_start\ndata: {"type"\n\n', 'retry'],
  ])('%s in the stream is worth another try', async (_name, body, kind) => {
    const client = await serve((_request, response) => response.writeHead(200, headers).end(body));
    const error = await streamMessage(client, params, options()).catch((e: unknown) => e);
    expect(classifyModelError(error)).toMatchObject({ kind, code: 'model_unavailable' });
  });

  it('tells the usage on the way, also of an answer that breaks off', async () => {
    const told: unknown[] = [];
    const onUsage = (usage: unknown) => told.push(usage);
    const whole = await serve((_request, response) =>
      response.writeHead(200, headers).end(START + TEXT + END),
    );
    await streamMessage(whole, params, { ...options(), onUsage });
    expect(told).toEqual([
      { input_tokens: 3, output_tokens: 0 },
      { input_tokens: 3, output_tokens: 9 },
    ]);

    told.length = 0;
    const cut = await serve((_request, response) => response.writeHead(200, headers).end(START + TEXT));
    await expect(streamMessage(cut, params, { ...options(), onUsage })).rejects.toThrow();
    expect(told).toEqual([{ input_tokens: 3, output_tokens: 0 }]);
  });

  it('knows a cut socket', async () => {
    const client = await serve((_request, response) => {
      response.writeHead(200, headers).write(START + TEXT, () => response.destroy());
    });
    const error = await streamMessage(client, params, options()).catch((e: unknown) => e);
    expect(classifyModelError(error).kind).toBe('retry');
  });

  it('closes the connection when aborted', async () => {
    const stop = new AbortController();
    const closed = Promise.withResolvers<void>();
    const client = await serve((request, response) => {
      request.socket.once('close', () => closed.resolve());
      response.writeHead(200, headers).write(START + TEXT);
    });
    const running = streamMessage(client, params, {
      signal: stop.signal,
      onText: () => stop.abort(),
    });
    expect(classifyModelError(await running.catch((e: unknown) => e)).kind).toBe('aborted');
    await closed.promise;
  });
});
