import { eventFrame } from '@claude-flow/core/contracts/event-frame';
import { readEventsFrom } from '@claude-flow/core/store/events';
import { createRoute, z } from '@hono/zod-openapi';
import { ownSwarm, swarmNotFound } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { callerName } from '../limits/caller-group.ts';
import { allow } from '../middleware/allow.ts';
import { parseEventId } from '../relay/event-id.ts';
import { streamEvents } from '../relay/sse.ts';
import { guardStreams } from '../relay/stream-guard.ts';
import { createWriteBatches } from '../relay/write-batches.ts';
import { optionalQueryInteger, queryInteger, swarmParams } from '../schemas/common.ts';
import { eventPage } from '../schemas/outcome.ts';
import { problems } from '../schemas/problem.ts';
import type { AddRoutes } from './add-routes.ts';

const events = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/events',
  operationId: 'getEvents',
  tags: ['Events'],
  summary: 'What has happened in a swarm, and what happens',
  description:
    'Pages of JSON; or, with Accept: text/event-stream, the past after Last-Event-ID (or after) and then everything as ' +
    'it happens, until the swarm has ended. id is the number and the epoch of the event, event its type, data a SwarmEvent. ' +
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
    }),
    headers: z.object({
      'last-event-id': z.string().optional().openapi({ description: 'Event streams only; wins over after' }),
    }),
  },
  responses: {
    200: {
      description: 'The events',
      content: { 'application/json': { schema: eventPage }, 'text/event-stream': { schema: z.string() } },
    },
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

export const addEventRoutes: AddRoutes = (app, deps) => {
  const sseDeps = { ...deps, batches: createWriteBatches() };
  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param');
    const { after, epoch, limit } = c.req.valid('query');
    const swarm = await ownSwarm(deps.ledger, principalOf(c), id);
    if ((c.req.header('accept') ?? '').includes('text/event-stream')) {
      guardStreams(deps, callerName(c, deps.config));
      const lastEvent = parseEventId(c.req.valid('header')['last-event-id'] ?? '');
      return streamEvents(c, sseDeps, swarm, lastEvent ?? { seq: after, epoch });
    }
    // One more than asked for tells whether there are further ones.
    const position = { seq: after, epoch };
    const { events: found, resync, gone } = await readEventsFrom(deps.ledger, id, position, limit + 1);
    if (gone) throw swarmNotFound(id);
    const page = found.slice(0, limit).map(eventFrame);
    const next = page.at(-1)?.seq ?? after;
    const more = found.length > limit;
    const answer = { swarmId: id, events: page, count: page.length, next, more };
    return c.json(resync === undefined ? answer : { ...answer, resyncRequired: resync }, 200);
  });
};
