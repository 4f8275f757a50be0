import { countTasks, readTasks } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { readPage } from '../http/pages.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { pageQuery } from '../http/schemas/pages.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { graphAnswer } from './graph-schema.ts';
import { graphView } from './graph-view.ts';
import { createTaskLevels } from './task-levels.ts';

const graph = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/graph',
  operationId: 'getGraph',
  tags: ['Tasks'],
  summary: "A swarm's tasks and what they wait for, to be drawn, in pages",
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: pageQuery },
  responses: {
    200: jsonContent(graphAnswer, 'The graph; without nodes until the swarm is planned'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

export const addGraphRoute: AddRoutes = (app, deps) => {
  const levelsOf = createTaskLevels(deps.ledger);
  app.openapi(graph, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const { items, nextCursor, read } = await readPage(c.req.valid('query'), {
      total: await countTasks(deps.ledger, id),
      read: (from, count) => readTasks(deps.ledger, id, from, count),
      numberOf: ({ spec }) => spec.sequence,
      size: ({ spec }) => spec.description.length,
    });
    const { levels, others } = await levelsOf(items[0]?.spec.sequence ?? 1, items, id);
    await payForRead(c, { records: read.records + others, bytes: read.bytes });
    return c.json({ swarmId: id, ...graphView(items, levels), nextCursor }, 200);
  });
};
