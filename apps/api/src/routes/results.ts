import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { readOutcome } from '../read-outcome.ts';
import { jsonContent, swarmParams } from '../schemas/common.ts';
import { resultsAnswer } from '../schemas/outcome.ts';
import { problems } from '../schemas/problem.ts';
import { resultsView } from '../views/results-view.ts';
import { clientStatus } from '../views/swarm-view.ts';
import type { AddRoutes } from './add-routes.ts';

const results = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/results',
  operationId: 'getResults',
  tags: ['Results'],
  summary: 'What a swarm has made so far',
  description: 'At any time; complete when the status is completed or failed.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams },
  responses: {
    200: jsonContent(resultsAnswer, 'The results'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

export const addResultRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(results, async (c) => {
    const { id } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const outcome = await readOutcome(ledger, swarm);
    const answer = {
      swarmId: id,
      status: clientStatus(swarm),
      results: resultsView(outcome, deps.now()),
    };
    return c.json(answer, 200);
  });
};
