import { publishControl } from '@claude-flow/core/relay/control';
import { stopSwarm } from '@claude-flow/core/store/swarms';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { jsonContent, swarmParams } from '../schemas/common.ts';
import { problems } from '../schemas/problem.ts';
import { startedAnswer, stoppedAnswer } from '../schemas/swarms.ts';
import { placeForStart, startInPlace } from '../start-swarm.ts';
import { swarmView } from '../views/swarm-view.ts';
import { iso } from '../views/time.ts';
import type { AddRoutes } from './add-routes.ts';

const refusals = problems(
  'authentication_required',
  'permission_denied',
  'swarm_not_found',
  'swarm_state_conflict',
);

const start = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/start',
  operationId: 'startSwarm',
  tags: ['Swarms'],
  summary: 'Start a swarm',
  description:
    'Also while its plan is still being made: it then begins by itself. Of several starts one wins.',
  middleware: [allow('swarms:write')] as const,
  request: { params: swarmParams },
  responses: { 200: jsonContent(startedAnswer, 'It runs'), ...refusals },
});

const stop = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/stop',
  operationId: 'stopSwarm',
  tags: ['Swarms'],
  summary: 'Stop a swarm',
  description:
    'For good; nothing completes afterwards. May be repeated. GET then shows it failed, with the reason stopped.',
  middleware: [allow('swarms:write')] as const,
  request: { params: swarmParams },
  responses: { 200: jsonContent(stoppedAnswer, 'It is stopped'), ...refusals },
});

export const addCommandRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;

  app.openapi(start, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    await placeForStart(deps, id, true);
    await startInPlace(deps, id);
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    return c.json(
      {
        swarmId: id,
        status: 'executing' as const,
        message: 'Swarm started successfully',
        data: swarmView(swarm),
        timestamp: iso(deps.now()),
      },
      200,
    );
  });

  app.openapi(stop, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const { changed } = await stopSwarm(ledger, id, { reason: 'stopped', message: 'Stopped on request.' });
    // Workers that miss this learn it from their next heartbeat.
    await publishControl(ledger, { type: 'stop', swarmId: id }).catch((error: unknown) => {
      deps.log.warn({ err: error, swarmId: id }, 'The stop could not be broadcast');
    });
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    return c.json(
      {
        swarmId: id,
        status: 'stopped' as const,
        message: changed ? 'Swarm stopped successfully' : 'The swarm was stopped before',
        data: swarmView(swarm),
        timestamp: iso(deps.now()),
      },
      200,
    );
  });
};
