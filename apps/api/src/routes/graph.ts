import { listTasks } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { jsonContent, swarmParams } from '../schemas/common.ts';
import { graphAnswer } from '../schemas/graph.ts';
import { problems } from '../schemas/problem.ts';
import { graphView } from '../views/graph-view.ts';
import type { AddRoutes } from './add-routes.ts';

const graph = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/graph',
  operationId: 'getGraph',
  tags: ['Tasks'],
  summary: "A swarm's tasks and what they wait for, to be drawn",
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams },
  responses: {
    200: jsonContent(graphAnswer, 'The graph; without nodes until the swarm is planned'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

export const addGraphRoute: AddRoutes = (app, deps) => {
  app.openapi(graph, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    return c.json({ swarmId: id, ...graphView(await listTasks(deps.ledger, id)) }, 200);
  });
};
