import { Disorder, type WireEvent } from './disorder.ts';
import { createBlocks } from './stream-blocks.ts';
import { addReport, stopReason, type WireUsage } from './usage-fields.ts';

export interface StreamOrder {
  /** The events that one of the server's becomes: none, one or several. @throws Disorder, or an Error: broken off */
  add(event: { event: string | null; data: string }): WireEvent[];
  /** The server has ended the stream. @throws as `add` */
  end(): WireEvent[];
  /** The answer itself has begun. */
  readonly begun: boolean;
}

const KNOWN: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
]);

/**
 * Puts a stream in order as the SDK, which trusts every event, needs it: one start, blocks numbered 0, 1, 2 ... that are
 * begun before they are added to and ended before the message is, a usage with numbers, an end. Tool inputs are passed on
 * whole, when all their pieces are there.
 */
export function createStreamOrder(): StreamOrder {
  const blocks = createBlocks();
  let messageId: unknown;
  let usage: WireUsage | undefined;
  let started = false;
  let stopped = false;
  let reason: string | undefined;
  /** The server said that the message is whole. */
  let whole = false;
  let ofTheProtocol = false;
  /** The first thing that came, for a sentence about it. */
  let first = '';

  const start = (message: Record<string, unknown> = {}): WireEvent[] => {
    if (started) {
      const other = message['id'] !== undefined && message['id'] !== messageId;
      if (other && blocks.any) throw new Disorder('a second answer begins in the middle of the first', first);
      usage = addReport(usage, message['usage']);
      return [];
    }
    started = true;
    messageId = message['id'];
    usage = addReport(undefined, message['usage']);
    const clean = {
      ...message,
      id: typeof messageId === 'string' ? messageId : 'msg_unnamed',
      type: 'message',
      role: 'assistant',
      model: typeof message['model'] === 'string' ? message['model'] : '',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    return [{ type: 'message_start', message: clean }];
  };

  const stop = (): WireEvent[] => {
    stopped = true;
    return [...start(), ...blocks.closeAll(), { type: 'message_stop' }];
  };

  const messageDelta = (data: Record<string, unknown>): WireEvent[] => {
    const delta = objectOf(data['delta']);
    const given = stopReason(delta['stop_reason']);
    reason = given ?? reason;
    whole ||= given !== undefined;
    const before = start();
    usage = addReport(usage, data['usage']);
    const said = { ...delta, stop_reason: reason ?? null, stop_sequence: delta['stop_sequence'] ?? null };
    const ended = given === undefined ? [] : blocks.closeAll();
    return [...before, ...ended, { type: 'message_delta', delta: said, usage }];
  };

  return {
    get begun() {
      return blocks.any;
    },
    add({ event, data }) {
      if (stopped || data.trim() === '') return [];
      first ||= data;
      if (data.trim() === '[DONE]') {
        whole ||= blocks.any;
        return [];
      }
      const body = parse(data);
      if (body === undefined) {
        if (ofTheProtocol || KNOWN.has(event ?? '')) throw new Error('an event in it is not JSON');
        throw new Disorder('what it sends is not JSON', first);
      }
      const type = typeOf(body, event);
      if (type === undefined) return [];
      ofTheProtocol = true;
      switch (type) {
        case 'message_start':
          return start(objectOf(body['message']));
        case 'content_block_start':
          return [...start(), ...blocks.open(body['index'], objectOf(body['content_block']))];
        case 'content_block_delta':
          return [...start(), ...blocks.add(body['index'], objectOf(body['delta']), first)];
        case 'content_block_stop':
          return blocks.close(body['index']);
        case 'message_delta':
          return messageDelta(body);
        case 'message_stop':
          return stop();
        case 'error':
          stopped = true;
          return [{ ...body, type: 'error' }];
        default:
          return [];
      }
    },
    end() {
      if (stopped) return [];
      if (!ofTheProtocol && first !== '') throw new Disorder('none of its events is one of that', first);
      if (!started) throw new Error('it ended before it began');
      if (!whole) throw new Error('it ended before it was complete');
      return stop();
    },
  };
}

/** The type is also inside of the data: some servers write no `event:` lines. */
function typeOf(body: Record<string, unknown>, event: string | null): string | undefined {
  if (typeof body['type'] === 'string' && KNOWN.has(body['type'])) return body['type'];
  if (event !== null && KNOWN.has(event)) return event;
  const failed = body['type'] === undefined && body['error'] !== undefined && body['error'] !== null;
  return failed ? 'error' : undefined;
}

function parse(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? objectOf(value) : undefined;
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
