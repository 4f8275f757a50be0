import { createRoute } from '@hono/zod-openapi';
import { issueTicket, TICKET_TTL_S } from '../auth/tickets.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { WS_PATH } from '../http/middleware/authenticate.ts';
import { jsonContent } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { guardUpgrade, socketHandler } from '../relay/websocket.ts';
import { ticketAnswer } from '../system/system-schemas.ts';

const ticketRoute = createRoute({
  method: 'post',
  path: '/api/ws-ticket',
  operationId: 'createWsTicket',
  tags: ['Events'],
  summary: 'A ticket for one WebSocket or one event stream',
  description:
    'For browsers, which cannot send a key with either: open /ws?ticket=... or /api/swarm/{id}/events?ticket=... within ' +
    '30 s. Good once. An EventSource that lost its connection needs a new ticket, and after and epoch of its last event.',
  middleware: [allow('swarms:read')] as const,
  responses: {
    201: jsonContent(ticketAnswer, 'The pass'),
    ...problems('authentication_required', 'permission_denied', 'body_too_large'),
  },
});

const socketRoute = createRoute({
  method: 'get',
  path: WS_PATH,
  operationId: 'openWebSocket',
  tags: ['Events'],
  summary: 'WebSocket: events of the swarms you follow',
  description:
    'Client: {type: subscribe, swarmId, after?, epoch?}, {type: unsubscribe, swarmId}, {type: ping}. Server: connected once ' +
    'and first, then swarm_event (the past after `after`, in order, then live), subscribed, unsubscribed, agent_delta, pong, ' +
    'resync_required, error. swarmId `*`: all your swarms from now on (after 0: with their past) and each new one from its ' +
    'first event; a client that was away adds since and places {swarmId: [seq, epoch]}. ' +
    'Key by header, by the subprotocols `claude-flow, key.<api key>`, or by ?ticket=.',
  security: [{ apiKey: [] }, { bearer: [] }, { ticket: [] }],
  responses: {
    101: { description: 'The connection speaks WebSocket now' },
    ...problems('authentication_required', 'origin_not_allowed', 'upgrade_required', 'websocket_disabled'),
  },
});

export const addWebSocketRoutes: AddRoutes = (app, deps) => {
  app.openapi(ticketRoute, async (c) => {
    const ticket = await issueTicket(deps.ledger, principalOf(c));
    return c.json({ ticket, expiresIn: TICKET_TTL_S, timestamp: iso(deps.now()) }, 201);
  });
  app.openAPIRegistry.registerPath(socketRoute);
  app.get(WS_PATH, allow('swarms:read'), guardUpgrade(deps), socketHandler(deps));
};
