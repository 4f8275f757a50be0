import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { textStream } from '../http/text-stream.ts';
import { paid, payForRead } from '../limits/read-cost.ts';
import { resultsAnswer, resultsQuery } from './outcome-schemas.ts';
import { resultsPage } from './results-page.ts';
import { resultsText } from './results-text.ts';

const results = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/results',
  operationId: 'getResults',
  tags: ['Results'],
  summary: 'What a swarm has made so far',
  description:
    'At any time; complete when the status is completed or failed. Without limit and cursor all of it, however large, written as ' +
    'it is read. With one of them a page: outputs, keys, artifacts and quality of some tasks, in the order of their numbers.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: resultsQuery },
  responses: {
    200: jsonContent(resultsAnswer, 'The results'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

export const addResultRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(results, async (c) => {
    const { id } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const { limit, cursor } = c.req.valid('query');
    if (limit !== undefined || cursor !== undefined) {
      const { answer, records, bytes } = await resultsPage(ledger, swarm, { limit, cursor }, deps.now());
      await payForRead(c, { records, bytes });
      return c.json(answer, 200);
    }
    const text = paid(c, resultsText(ledger, swarm, deps.now()));
    // What cannot be read at all is refused with its own answer; what breaks off later ends the connection.
    const first = await text.next();
    // To the router JSON is a value, not a text.
    return c.body(textStream(first.value ?? '', text), 200, { 'Content-Type': 'application/json' }) as never;
  });
};
