import { ClaudeFlowApiError, errorFromAnswer } from './api-error.ts';
import { eventOfMessage, type ResyncMessage, type SwarmEventMessage } from './monitor-messages.ts';
import { refuseRedirect, requestJson, retryDelay, type Transport } from './request.ts';
import { createSseParser, type SseMessage } from './sse.ts';
import type { SwarmAnswer } from './types.ts';
import { FINAL_EVENTS, type Resync, type SwarmEvent } from './types-events.ts';
import { type Deadline, deadline, sleep } from './waiting.ts';

/** The server writes at least a comment every 15 s; a stream silent for three times as long is dead. */
const SILENCE_MS = 45_000;
/** Before going on where a working stream broke off: what the server asks of browsers. */
const RESUME_MS = 1_000;

/** Where an event stream begins, and what ends it. */
export interface EventStreamOptions {
  /** Number of the last event already seen; 0, the default, for all from the beginning. */
  after?: number;
  /** Epoch of that event: tells the server whether it still is the same one. */
  epoch?: number;
  /** Called when what came before is no longer complete or no longer true: read the swarm anew. */
  onResync?: (resync: Resync) => void;
  signal?: AbortSignal;
}

/** Where a reader stands in a swarm's events. */
export interface Position {
  seq: number;
  epoch: number | undefined;
}

/** Puts the reader before the first event that follows a resync. */
export function startAnew(position: Position, resync: Resync): void {
  position.seq = resync.firstSeq - 1;
  position.epoch = undefined;
}

/** True for an event that the reader has not had; then it moves the position to it. */
export function advance(position: Position, event: { seq: number; epoch: number }): boolean {
  const sameEpoch = position.epoch === undefined || position.epoch === event.epoch;
  if (sameEpoch && event.seq <= position.seq) return false;
  position.seq = event.seq;
  position.epoch = event.epoch;
  return true;
}

async function* messages(body: ReadableStream<Uint8Array>, limit: Deadline): AsyncGenerator<SseMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = createSseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      limit.renew();
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops reading early lets go of the connection; when it broke there is nothing to let go of.
    await reader.cancel().catch(() => {});
  }
}

function readFrame(message: SseMessage): SwarmEventMessage | ResyncMessage | undefined {
  try {
    const frame = JSON.parse(message.data) as SwarmEventMessage | ResyncMessage | null;
    return frame?.type === 'swarm_event' || frame?.type === 'resync_required' ? frame : undefined;
  } catch {
    return undefined;
  }
}

/** The swarm has ended and the reader has had all its events. */
async function isOver(transport: Transport, swarmId: string, seq: number): Promise<boolean> {
  const path = `/api/swarm/${encodeURIComponent(swarmId)}`;
  const { data } = await requestJson<SwarmAnswer>({ ...transport, retries: 0 }, path);
  return (data.status === 'completed' || data.status === 'failed') && data.lastEvent <= seq;
}

async function open(
  transport: Transport,
  swarmId: string,
  { seq, epoch }: Position,
  limit: Deadline,
): Promise<Response> {
  const path = `/api/swarm/${encodeURIComponent(swarmId)}/events`;
  const { fetch } = transport;
  const answer = await fetch(`${transport.baseUrl}${path}`, {
    headers: {
      ...transport.headers,
      Accept: 'text/event-stream',
      'Last-Event-ID': epoch === undefined ? String(seq) : `${seq}-${epoch}`,
    },
    signal: limit.signal,
    cache: 'no-store',
    redirect: 'manual',
  });
  refuseRedirect(answer, transport);
  if (!answer.ok) throw errorFromAnswer(answer, await answer.text(), Date.now());
  return answer;
}

/** What went wrong, as an error of ours: one of the API's stays; anything else is a broken connection. */
function asApiError(error: unknown, transport: Transport): ClaudeFlowApiError {
  if (error instanceof ClaudeFlowApiError) return error;
  const message = `The event stream of ${transport.baseUrl} broke off and could not be resumed.`;
  return new ClaudeFlowApiError(message, { status: 0, code: 'network_error', cause: error });
}

/** How long to rest before the stream is resumed, in milliseconds. @throws the failure when it is final */
function restBefore(
  failure: ClaudeFlowApiError | undefined,
  failures: number,
  { retries }: Transport,
): number {
  if (failure === undefined || failures === 0) return RESUME_MS;
  const delay = retryDelay(failure, failures, { retries, repeatable: true, random: Math.random() });
  if (delay === undefined) throw failure;
  return delay;
}

/**
 * A swarm's events, from the beginning or after a given one, until its final event. A connection that breaks, or that
 * the server ends early, is resumed where it stood: no event is missed and none comes twice, but for what `onResync` says.
 * @throws ClaudeFlowApiError when the server refuses, or cannot be reached over all retries; the signal's reason
 */
export async function* followEvents(
  transport: Transport,
  swarmId: string,
  options: EventStreamOptions = {},
): AsyncGenerator<SwarmEvent, void, undefined> {
  const position: Position = { seq: options.after ?? 0, epoch: options.epoch };
  for (let failures = 1; ; failures += 1) {
    const limit = deadline(SILENCE_MS, options.signal);
    let failure: ClaudeFlowApiError | undefined;
    try {
      const answer = await open(transport, swarmId, position, limit);
      if (answer.body === null) return;
      for await (const message of messages(answer.body, limit)) {
        const frame = readFrame(message);
        if (frame === undefined) continue;
        failures = 0;
        if (frame.type === 'resync_required') {
          startAnew(position, frame);
          options.onResync?.(frame);
          continue;
        }
        const event = eventOfMessage(frame);
        if (!advance(position, event)) continue;
        yield event;
        if (FINAL_EVENTS.includes(event.type)) return;
      }
      // Ended in good order: the caller has all there is, or something between here and there ends quiet streams.
      if (await isOver(transport, swarmId, position.seq)) return;
      failures = 0;
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      failure = asApiError(error, transport);
    } finally {
      limit.end();
    }
    await sleep(restBefore(failure, failures, transport), options.signal);
  }
}
