import { listWorkers } from '@claude-flow/core/store/workers';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { readMeasured } from '../read-measured.ts';
import { jsonContent, swarmParams } from '../schemas/common.ts';
import { metricsAnswer } from '../schemas/metrics.ts';
import { problems } from '../schemas/problem.ts';
import { metricsView } from '../views/metrics-view.ts';
import type { AddRoutes } from './add-routes.ts';

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
    return c.json({ swarmId: id, metrics: metricsView(measured, workers, deps.now()) }, 200);
  });
};
