import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Anthropic from '@anthropic-ai/sdk';

export interface ModelRequest {
  model: string;
  system: Anthropic.TextBlockParam[];
  tools: Anthropic.Tool[];
  messages: Anthropic.MessageParam[];
  [field: string]: unknown;
}

export type ModelReply =
  | {
      content: object[];
      stopReason?: string;
      /** What the server reports; null: nothing at all. Left out: 100 in, 50 out. */
      usage?: { input_tokens: number; output_tokens: number } | null;
      /** The line is cut after the content, before the answer ends. */
      breakOff?: boolean;
    }
  /** The call stays open until the client goes away. */
  | 'hang';

export interface ScriptedModel {
  url: string;
  /** What was asked, oldest first. */
  requests: ModelRequest[];
  /** Calls that the client gave up. */
  readonly abandoned: number;
  close(): Promise<void>;
}

export const say = (text: string) => ({ type: 'text', text });
export const call = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });
/** A call whose input is written as it is, JSON or not. */
export const rawCall = (id: string, name: string, written: string) => ({ ...call(id, name, {}), written });
export const submit = (summary: string) => call('submit', 'submit_result', { summary });

/** The id of the task that a request is about. */
export function taskIdOf(request: ModelRequest): string {
  return /<task id="(task_\d+)"/.exec(String(request.messages[0]?.content))?.[1] ?? '';
}

/** How many answers the conversation holds already. */
export function turnsOf(request: ModelRequest): number {
  return request.messages.filter((message) => message.role === 'assistant').length;
}

/** The text of a tool's answer in the last message. */
export function resultOf(request: ModelRequest, id: string): { text: string; isError: boolean } | undefined {
  const content = request.messages.at(-1)?.content;
  if (!Array.isArray(content)) return undefined;
  const block = content.find((part) => part.type === 'tool_result' && part.tool_use_id === id);
  if (block?.type !== 'tool_result') return undefined;
  return { text: String(block.content), isError: block.is_error === true };
}

/**
 * A model server that answers what the test says, over the real wire format: for what the offline server's agents never do
 * by themselves. `reply` gets each request; it must depend on nothing else where an attempt is resumed.
 */
export async function startScriptedModel(
  reply: (request: ModelRequest) => ModelReply,
): Promise<ScriptedModel> {
  const requests: ModelRequest[] = [];
  let abandoned = 0;
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((request) => {
      requests.push(request);
      response.once('close', () => {
        if (!response.writableFinished) abandoned += 1;
      });
      const answer = reply(request);
      if (answer !== 'hang') send(response, request.model, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get abandoned() {
      return abandoned;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<ModelRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as ModelRequest;
}

function send(response: ServerResponse, model: string, reply: Exclude<ModelReply, 'hang'>): void {
  const toolUse = reply.content.some((block) => 'type' in block && block.type === 'tool_use');
  const event = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const { usage = { input_tokens: 100, output_tokens: 50 } } = reply;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_scripted' });
  event('message_start', {
    message: {
      id: 'msg_scripted',
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      ...(usage === null ? {} : { usage: { ...usage, output_tokens: Math.min(1, usage.output_tokens) } }),
    },
  });
  for (const [index, block] of reply.content.entries()) sendBlock(event, index, block);
  if (reply.breakOff) {
    // What was written has to arrive first.
    response.write(': \n', () => response.destroy());
    return;
  }
  const stopReason = reply.stopReason ?? (toolUse ? 'tool_use' : 'end_turn');
  event('message_delta', {
    delta: { stop_reason: stopReason },
    ...(usage === null ? {} : { usage: { output_tokens: usage.output_tokens } }),
  });
  event('message_stop', {});
  response.end();
}

type SendEvent = (type: string, data: object) => void;

function sendBlock(event: SendEvent, index: number, block: object): void {
  const { text, input, written, ...rest } = block as { text?: string; input?: object; written?: string };
  const empty = input === undefined ? { ...rest, text: '' } : { ...rest, input: {} };
  const delta =
    input === undefined
      ? { type: 'text_delta', text }
      : { type: 'input_json_delta', partial_json: written ?? JSON.stringify(input) };
  event('content_block_start', { index, content_block: empty });
  event('content_block_delta', { index, delta });
  event('content_block_stop', { index });
}
