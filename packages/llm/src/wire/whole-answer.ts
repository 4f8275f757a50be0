import { normaliseContent } from '../normalise-content.ts';
import type { WireEvent } from './disorder.ts';
import { createStreamOrder } from './stream-order.ts';
import { addReport, stopReason } from './usage-fields.ts';

/** Is this a message of the Messages API, or near enough to be read as one? */
export function isMessage(body: unknown): body is Record<string, unknown> {
  if (typeof body !== 'object' || body === null || !('content' in body)) return false;
  const { content } = body;
  return Array.isArray(content) || content === null || typeof content === 'string';
}

function blocksOf({ content }: Record<string, unknown>): unknown[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content : [];
}

/** A message that came whole though a stream was asked for, as the stream it should have been. */
export function asStream(message: Record<string, unknown>): WireEvent[] {
  const order = createStreamOrder();
  const send = (body: Record<string, unknown>) => order.add({ event: null, data: JSON.stringify(body) });
  const { content: _content, usage, stop_reason, stop_sequence, stop_details, ...frame } = message;
  return [
    ...send({ type: 'message_start', message: { ...frame, usage } }),
    ...blocksOf(message).flatMap((block, index) => [
      ...send({ type: 'content_block_start', index, content_block: block }),
      ...send({ type: 'content_block_stop', index }),
    ]),
    ...send({ type: 'message_delta', delta: { stop_reason, stop_sequence, stop_details }, usage }),
    ...send({ type: 'message_stop' }),
  ];
}

/** The same message with everything in it that the SDK and we rely on. */
export function tidyMessage(message: Record<string, unknown>): Record<string, unknown> {
  return {
    ...message,
    content: normaliseContent(blocksOf(message)),
    stop_reason: stopReason(message['stop_reason']) ?? null,
    usage: addReport(undefined, message['usage']),
  };
}

/** The status that goes with an error which came with the status of a success. */
export function statusOfError(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body) || body.error === null)
    return undefined;
  const { error } = body;
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  return STATUS[typeof type === 'string' ? type : ''] ?? 500;
}

const STATUS: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  overloaded_error: 529,
};
