import { listWorkers } from '@claude-flow/core/store/workers';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { metricsAnswer } from './metrics-schema.ts';
import { metricsView } from './metrics-view.ts';
import { readMeasured } from './read-measured.ts';

const metrics = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/metrics',
  operationId: 'getSwarmMetrics',
  tags: ['Results'],
  summary: 'How well a swarm works',
  description: 'Every number is measured, and null as long as there is nothing to measure.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams },
  responses: {
    200: jsonContent(metricsAnswer, 'The numbers'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

export const addSwarmMetricsRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(metrics, async (c) => {
    const { id } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const [measured, workers] = await Promise.all([readMeasured(ledger, swarm), listWorkers(ledger)]);
    await payForRead(c, measured.read);
    return c.json({ swarmId: id, metrics: metricsView(measured, workers, deps.now()) }, 200);
  });
};
