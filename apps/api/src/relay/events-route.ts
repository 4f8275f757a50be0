import { eventFrame } from '@claude-flow/core/contracts/event-frame';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { type EventPosition, readEventsFrom } from '@claude-flow/core/store/events';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { createRoute, z } from '@hono/zod-openapi';
import { ownSwarm, swarmNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { optionalQueryInteger, queryFlag, queryInteger, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { callerName } from '../limits/caller-group.ts';
import { payForRead } from '../limits/read-cost.ts';
import { MAX_EVENT_ID, parseEventId } from '../relay/event-id.ts';
import { streamEvents } from '../relay/sse.ts';
import { guardStreams } from '../relay/stream-guard.ts';
import { wantsEventStream } from '../relay/wants-event-stream.ts';
import { createWriteBatches } from '../relay/write-batches.ts';
import { eventPage } from '../results/outcome-schemas.ts';

const events = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/events',
  operationId: 'getEvents',
  tags: ['Events'],
  summary: 'What has happened in a swarm, and what happens',
  description:
    'Pages of JSON; or, with Accept: text/event-stream, the past after Last-Event-ID (or after) and then everything as ' +
    'it happens, until the swarm has ended. id is the number and the epoch of the event, event its type, data a SwarmEvent. ' +
    'Asked again when the swarm has ended and no event is left, the answer is 204, which tells an EventSource to stop. ' +
    'When the place after which was asked is gone (trimmed away, or of data that was lost), resync_required comes ' +
    'first: read the swarm anew; the events from firstSeq on follow.',
  middleware: [allow('swarms:read')] as const,
  request: {
    params: swarmParams,
    query: z.object({
      after: queryInteger('after', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
      epoch: optionalQueryInteger('epoch', { min: 0, max: Number.MAX_SAFE_INTEGER }).openapi({
        description: 'Epoch of the event after: tells whether it still is the same one',
      }),
      limit: queryInteger('limit', { min: 1, max: 1_000, fallback: 200 }),
      named: queryFlag('named', true).openapi({
        description:
          'Event streams only; false: no event lines, so that an EventSource gives every message to onmessage',
      }),
      ticket: z.string().max(200).optional().openapi({
        description: 'Event streams only: a ticket of POST /api/ws-ticket in the place of a key. Good once.',
      }),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .max(MAX_EVENT_ID, 'Last-Event-ID must be the id of an event of this stream.')
        .optional()
        .openapi({ description: 'Event streams only; wins over after' }),
    }),
  },
  security: [{ apiKey: [] }, { bearer: [] }, { ticket: [] }],
  responses: {
    204: {
      description: 'Event streams only: the swarm has ended, and there is no event after the given one',
    },
    200: {
      description: 'The events',
      content: { 'application/json': { schema: eventPage }, 'text/event-stream': { schema: z.string() } },
    },
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

/** The reader has had the last event there will be. What was trimmed or lost since is told in a stream, not here. */
async function nothingLeft(ledger: Ledger, swarmId: string, from: EventPosition): Promise<boolean> {
  const { events: left, resync, gone } = await readEventsFrom(ledger, swarmId, from, 1);
  if (gone) throw swarmNotFound(swarmId);
  return left.length === 0 && resync === undefined;
}

export const addEventRoutes: AddRoutes = (app, deps) => {
  const sseDeps = { ...deps, batches: createWriteBatches() };
  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param');
    const { after, epoch, limit, named } = c.req.valid('query');
    const swarm = await ownSwarm(deps.ledger, principalOf(c), id);
    if (wantsEventStream(c.req)) {
      const lastEvent = parseEventId(c.req.valid('header')['last-event-id'] ?? '');
      const from = lastEvent ?? { seq: after, epoch };
      if (isTerminalSwarm(swarm.status) && (await nothingLeft(deps.ledger, id, from)))
        return c.body(null, 204);
      guardStreams(deps, callerName(c, deps.config));
      return streamEvents(c, sseDeps, swarm, from, named);
    }
    // One more than asked for tells whether there are further ones.
    const position = { seq: after, epoch };
    const { events: found, resync, gone } = await readEventsFrom(deps.ledger, id, position, limit + 1);
    await payForRead(c, { records: found.length });
    if (gone) throw swarmNotFound(id);
    const page = found.slice(0, limit).map(eventFrame);
    const next = page.at(-1)?.seq ?? after;
    const more = found.length > limit;
    const answer = { swarmId: id, events: page, count: page.length, next, more };
    return c.json(resync === undefined ? answer : { ...answer, resyncRequired: resync }, 200);
  });
};
