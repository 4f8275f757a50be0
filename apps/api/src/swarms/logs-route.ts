import { readLogs } from '@claude-flow/core/store/logs';
import { createRoute, z } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, queryInteger, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { logLevelQuery, logList } from '../results/outcome-schemas.ts';
import { logView } from './log-view.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/logs',
  operationId: 'getLogs',
  tags: ['Results'],
  summary: "The newest lines of a swarm's log, oldest of them first",
  middleware: [allow('swarms:read')] as const,
  request: {
    params: swarmParams,
    query: z.object({
      limit: queryInteger('limit', { min: 1, max: 1_000, fallback: 100 }),
      level: logLevelQuery,
    }),
  },
  responses: {
    200: jsonContent(logList, 'The lines'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

export const addLogRoutes: AddRoutes = (app, deps) => {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const lines = await readLogs(deps.ledger, id, c.req.valid('query'));
    await payForRead(c, { records: lines.length });
    const logs = lines.map((line) => logView(id, line));
    return c.json({ swarmId: id, logs, count: logs.length }, 200);
  });
};
