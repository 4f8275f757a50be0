import { isSwarmId } from '@claude-flow/core/domain/ids';
import { z } from 'zod';

/** Stands for all swarms of the caller's, those to come included. */
export const ALL_SWARMS = '*';

/** Longer than any id; what is answered repeats it. */
const MAX_ID = 200;

const seq = z.int().min(0);
const epoch = z.int().min(0);

/** What a client may say on `/ws`. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('subscribe'),
    swarmId: z.string().max(MAX_ID),
    /**
     * Number of the last event the client has; without it, the whole past is sent. With `*`, 0 asks for the whole past of
     * the swarms that have not ended; without it they are followed from now on.
     */
    after: seq.optional(),
    /** Epoch of that event: tells whether it still is the same one. */
    epoch: epoch.optional(),
    /** With `*`: what was created since then, milliseconds since 1970, and is not among `places`, is new to the client. */
    since: z.int().min(0).optional(),
    /** With `*`: the last event that the client has of each swarm it knows, with its epoch. */
    places: z
      .record(z.string().refine(isSwarmId), z.union([z.tuple([seq]), z.tuple([seq, epoch])]))
      .optional(),
    /** With `*`: further places follow in another such message. */
    more: z.boolean().optional(),
  }),
  z.object({ type: z.literal('unsubscribe'), swarmId: z.string().max(MAX_ID) }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;
export type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>;
const KNOWN_TYPES: readonly unknown[] = ['subscribe', 'unsubscribe', 'ping'];

export type SocketErrorCode =
  | 'malformed_message'
  | 'unknown_type'
  | 'swarm_not_found'
  | 'too_many_subscriptions'
  | 'places_incomplete'
  | 'limit_exceeded'
  | 'redis_unavailable'
  | 'internal';

export interface SocketError {
  code: SocketErrorCode;
  /** A sentence that says what to do. */
  message: string;
  swarmId?: string;
}

/** Reads one frame. @param frame undefined for a binary one */
export function readClientMessage(frame: string | undefined): ClientMessage | SocketError {
  const json = parseJson(frame);
  if (typeof json !== 'object' || json === null) {
    return { code: 'malformed_message', message: 'Send one JSON object per text frame.' };
  }
  const parsed = clientMessageSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const type: unknown = (json as { type?: unknown }).type;
  if (!KNOWN_TYPES.includes(type)) {
    return { code: 'unknown_type', message: 'The type must be subscribe, unsubscribe or ping.' };
  }
  const message = `A ${type} needs swarmId (a text)${type === 'subscribe' ? ' and, if at all, after and epoch (whole numbers); with *, since and places ({swarmId: [seq, epoch]}, by ids of swarms)' : ''}.`;
  return { code: 'malformed_message', message };
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
