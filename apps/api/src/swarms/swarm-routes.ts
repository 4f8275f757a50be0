import { readWebhook } from '@claude-flow/core/store/webhooks';
import { createRoute, z } from '@hono/zod-openapi';
import { ownWholeSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { AUTHENTICATION_MESSAGE, principalOf } from '../http/app-env.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { allow } from '../http/middleware/allow.ts';
import {
  jsonContent,
  optionalQueryInteger,
  queryInteger,
  queryWords,
  swarmParams,
} from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { callerName } from '../limits/caller-group.ts';
import { guardStreams } from '../relay/stream-guard.ts';
import { waitForChange } from '../relay/wait-for-change.ts';
import { listSwarms } from './list-swarms.ts';
import { repairSoon } from './repair-soon.ts';
import { swarmAnswer, swarmList } from './swarm-schemas.ts';
import { CLIENT_STATUSES, clientStatus, swarmSummary, swarmView } from './swarm-view.ts';

/** Most proxies end what has been silent for a minute. */
const MAX_WAIT_S = 55;

const details = createRoute({
  method: 'get',
  path: '/api/swarm/{id}',
  operationId: 'getSwarm',
  tags: ['Swarms'],
  summary: 'A swarm and how far it is',
  description:
    'With wait, answered as soon as its status changes (it is planned, starts, pauses, goes on, ends), and after so many ' +
    'seconds at the latest; at once when it has ended, or has another status than the one you name. Each that waits counts ' +
    'as one of your open streams.',
  middleware: [allow('swarms:read')] as const,
  request: {
    params: swarmParams,
    query: z.object({
      wait: optionalQueryInteger('wait', { min: 1, max: MAX_WAIT_S }).openapi({
        description: 'Seconds to wait for a change of its status',
      }),
      status: z
        .enum(CLIENT_STATUSES, `status must be one of ${CLIENT_STATUSES.join(', ')}.`)
        .optional()
        .openapi({ description: 'With wait: the status that you know' }),
    }),
  },
  responses: {
    200: jsonContent(swarmAnswer, 'The swarm'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/swarms',
  operationId: 'listSwarms',
  tags: ['Swarms'],
  summary: 'Your swarms, newest first',
  description:
    'In pages. With status a page may hold fewer than limit, even none, and have a nextCursor all the same: go on until it ' +
    "is null. scope=all lists everybody's swarms, for administrators.",
  middleware: [allow('swarms:read')] as const,
  request: {
    query: z.object({
      limit: queryInteger('limit', { min: 1, max: 200, fallback: 50 }),
      cursor: z.string().max(200).optional().openapi({ description: 'nextCursor of the page before' }),
      status: queryWords('status', CLIENT_STATUSES),
      scope: z
        .enum(['own', 'all'], 'scope must be own or all.')
        .default('own')
        .openapi({ description: 'all: of every owner; only for administrators' }),
    }),
  },
  responses: {
    200: jsonContent(swarmList, 'One page'),
    ...problems('authentication_required', 'permission_denied', 'validation_failed'),
  },
});

export const addSwarmRoutes: AddRoutes = (app, deps) => {
  app.openapi(details, async (c) => {
    const { id } = c.req.valid('param');
    const { wait, status } = c.req.valid('query');
    const principal = principalOf(c);
    let swarm = await ownWholeSwarm(deps.ledger, principal, id);
    repairSoon(deps, swarm);
    if (wait !== undefined && (status === undefined || status === clientStatus(swarm))) {
      const caller = callerName(c, deps.config);
      guardStreams(deps, caller);
      const until = (end: () => void) => deps.standing.watch(principal, end);
      await waitForChange(deps, { swarm, ms: wait * 1_000, caller, signal: c.req.raw.signal, until });
      if (!(await deps.authenticator.stillGood(principal))) {
        throw new ApiError('authentication_required', AUTHENTICATION_MESSAGE);
      }
      swarm = await ownWholeSwarm(deps.ledger, principal, id);
    }
    const data = swarmView(swarm, await readWebhook(deps.ledger, id));
    return c.json({ swarmId: id, data }, 200);
  });

  app.openapi(list, async (c) => {
    const { limit, cursor, status, scope } = c.req.valid('query');
    const { owner, seesAll } = principalOf(c);
    const all = scope === 'all';
    if (all && !seesAll) {
      throw new ApiError('permission_denied', 'Only administrators may list the swarms of others.');
    }
    const request = { limit, cursor, statuses: status };
    const page = await listSwarms(deps.ledger, all ? 'everybody' : { owner }, request);
    const swarms = page.swarms.map((swarm) => swarmSummary(swarm, all ? deps.ownerNames : undefined));
    return c.json({ swarms, count: swarms.length, nextCursor: page.nextCursor }, 200);
  });
};
