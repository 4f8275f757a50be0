import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Anthropic from '@anthropic-ai/sdk';
import { createModelClient, type ModelClientOptions } from '../src/client.ts';

export interface ModelServer {
  url: string;
  client: Anthropic;
  close(): void;
}

/** A server that speaks just enough of the wire format to go wrong in the ways that servers do, and a client for it. */
export async function startModelServer(
  listener: RequestListener,
  options: Partial<ModelClientOptions> = {},
): Promise<ModelServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    client: createModelClient({ baseUrl: url, timeoutMs: 5_000, ...options }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The events of a streamed answer, as the provider writes them. */
export type Event = { type: string; index?: number } & Record<string, unknown>;

export function eventsOf(content: readonly Record<string, unknown>[], stopReason = 'end_turn'): Event[] {
  const start = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'a-model',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  };
  return [
    { type: 'message_start', message: start },
    ...content.flatMap((block, index) => blockEvents(block, index)),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 9 },
    },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: Record<string, unknown>, index: number): Event[] {
  const delta = (value: object): Event => ({ type: 'content_block_delta', index, delta: value });
  const [opening, ...deltas] = piecesOf(block);
  return [
    { type: 'content_block_start', index, content_block: opening },
    ...deltas.map((value) => delta(value)),
    { type: 'content_block_stop', index },
  ];
}

function piecesOf(block: Record<string, unknown>): [object, ...object[]] {
  switch (block['type']) {
    case 'text':
      return [
        { type: 'text', text: '' },
        ...halvesOf(String(block['text'])).map((text) => ({ type: 'text_delta', text })),
      ];
    case 'thinking':
      return [
        { type: 'thinking', thinking: '', signature: '' },
        ...halvesOf(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block['signature'] },
      ];
    case 'tool_use':
      return [
        { ...block, input: {} },
        ...halvesOf(JSON.stringify(block['input'])).map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        })),
      ];
    default:
      return [block];
  }
}

/** Cut wherever the middle is, also inside of a character. */
function halvesOf(text: string): string[] {
  const middle = text.length >> 1;
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '');
}

export const written = (events: readonly Event[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

export const STREAM = { 'content-type': 'text/event-stream', 'request-id': 'req_1' };
