import { Stream } from '@anthropic-ai/sdk/core/streaming';
import { errorMessage } from '@claude-flow/core/domain/errors';
import { Disorder, type WireEvent } from './disorder.ts';
import { type GuardedBody, guardBody, type SilenceLimits } from './guard-body.ts';
import { type AnswerSource, notTheProtocol } from './not-the-protocol.ts';
import { createStreamOrder } from './stream-order.ts';
import { asStream, isMessage, statusOfError, tidyMessage } from './whole-answer.ts';

export interface AnswerLimits extends SilenceLimits {
  /** An answer with more bytes than this breaks off. */
  bytes: number;
}

/**
 * A server's answer as the SDK can read it: a stream in order, or a message with all its fields. What a server sends in
 * another form than was asked for is brought into that form.
 * @param answer one that says it succeeded
 * @throws ClaudeFlowError `model_rejected` when it is none of the Messages API; later, from the body, when that shows later
 */
export async function orderedResponse(
  answer: Response,
  asked: { stream: boolean; server: string },
  limits: AnswerLimits,
): Promise<Response> {
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers);
  const contentType = headers.get('content-type');
  const source: AnswerSource = { server: asked.server, contentType };
  // They were of the bytes that came.
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  if (answer.body === null) throw notTheProtocol(source, 'its answer has no body', '');
  const guarded = guardBody(answer.body, limits);
  if (asked.stream && !isWholeType(contentType)) {
    headers.set('content-type', 'text/event-stream');
    return new Response(encoded(ordered(guarded, source)), { status, statusText, headers });
  }
  const text = await new Response(guarded.body).text();
  const body = parsed(text, source);
  headers.set('content-type', 'application/json');
  if (!isMessage(body)) {
    const failed = statusOfError(body);
    if (failed !== undefined) return new Response(text, { status: failed, headers });
    throw notTheProtocol(source, 'its answer is no message', text);
  }
  if (!asked.stream) return new Response(JSON.stringify(tidyMessage(body)), { status, statusText, headers });
  headers.set('content-type', 'text/event-stream');
  return new Response(encoded(asStream(body)), { status, statusText, headers });
}

/** JSON or a page, read whole, though a stream was asked for. A stream of another or no type is read as a stream. */
function isWholeType(contentType: string | null): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return /[/+](?:json|html|xml)$/.test(type);
}

function parsed(text: string, source: AnswerSource): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The beginning of an object: the rest was lost on the way.
    if (/^\s*\{/.test(text)) throw new Error(`its JSON is not whole: ${errorMessage(error)}`);
    throw notTheProtocol(source, 'its answer is not JSON', text);
  }
}

async function* ordered(
  guarded: GuardedBody,
  source: AnswerSource,
): AsyncGenerator<WireEvent, void, undefined> {
  const order = createStreamOrder();
  try {
    for await (const event of Stream.rawEvents(new Response(guarded.body))) {
      yield* order.add(event);
      if (order.begun) guarded.begun();
    }
    if (!order.begun && isNoEventStream(guarded.head)) {
      throw new Disorder('its answer is no event stream', guarded.head);
    }
    yield* order.end();
  } catch (error) {
    throw error instanceof Disorder ? notTheProtocol(source, error.message, error.begins) : error;
  }
}

/** Something came, and not one line of it is one of an event stream. */
function isNoEventStream(head: string): boolean {
  return head.trim() !== '' && !/^\ufeff?(?:data|event|id|retry)?:/m.test(head);
}

function encoded(events: Iterable<WireEvent> | AsyncIterable<WireEvent>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return ReadableStream.from(events).pipeThrough(
    new TransformStream<WireEvent, Uint8Array>({
      transform(event, controller) {
        controller.enqueue(encoder.encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
      },
    }),
  );
}
