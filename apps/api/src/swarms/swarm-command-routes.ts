import { pauseSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { readWebhook } from '@claude-flow/core/store/webhooks';
import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ownSwarm, ownWholeSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { type AppEnv, principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { placeForStart, resumeInPlace, startInPlace } from './start-swarm.ts';
import { pausedAnswer, resumedAnswer, startedAnswer, stoppedAnswer } from './swarm-schemas.ts';
import { swarmView } from './swarm-view.ts';
import { tellWorkers } from './tell-workers.ts';

const refusals = problems(
  'authentication_required',
  'permission_denied',
  'swarm_not_found',
  'swarm_state_conflict',
  'body_too_large',
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

const pause = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/pause',
  operationId: 'pauseSwarm',
  tags: ['Swarms'],
  summary: 'Pause a swarm',
  description:
    'No task begins any more; agents at work stop after their present turn, and what they did is kept. May be repeated. ' +
    'The time it is paused does not count against its timeout.',
  middleware: [allow('swarms:write')] as const,
  request: { params: swarmParams },
  responses: { 200: jsonContent(pausedAnswer, 'It is paused'), ...refusals },
});

const resume = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/resume',
  operationId: 'resumeSwarm',
  tags: ['Swarms'],
  summary: 'Let a paused swarm go on',
  description:
    'Where it stood; no turn is done twice. May be repeated. A swarm that was paused for more than ten seconds may have lost its place to another one: then this is 429 until one is free (MAX_SWARMS).',
  middleware: [allow('swarms:write')] as const,
  request: { params: swarmParams },
  responses: { 200: jsonContent(resumedAnswer, 'It runs'), ...refusals },
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

  /** The answer to a command: how the swarm stands now. */
  const answer = async <Status extends string>(
    c: Context<AppEnv>,
    swarmId: string,
    status: Status,
    message: string,
  ) => {
    const swarm = await ownWholeSwarm(ledger, principalOf(c), swarmId);
    const data = swarmView(swarm, await readWebhook(ledger, swarmId));
    return { swarmId, status, message, data, timestamp: iso(deps.now()) };
  };

  app.openapi(start, async (c) => {
    const { id } = c.req.valid('param');
    const { owner } = await ownSwarm(ledger, principalOf(c), id);
    await placeForStart(deps, { swarmId: id, owner }, true);
    await startInPlace(deps, id);
    return c.json(await answer(c, id, 'executing', 'Swarm started successfully'), 200);
  });

  app.openapi(pause, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const { changed } = await pauseSwarm(ledger, id);
    const message = changed ? 'Swarm paused successfully' : 'The swarm was paused before';
    return c.json(await answer(c, id, 'paused', message), 200);
  });

  app.openapi(resume, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const changed = await resumeInPlace(deps, id);
    const message = changed ? 'Swarm resumed successfully' : 'The swarm was not paused';
    return c.json(await answer(c, id, 'executing', message), 200);
  });

  app.openapi(stop, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const { changed } = await stopSwarm(ledger, id, { reason: 'stopped', message: 'Stopped on request.' });
    await tellWorkers(deps, id);
    const message = changed ? 'Swarm stopped successfully' : 'The swarm was stopped before';
    return c.json(await answer(c, id, 'stopped', message), 200);
  });
};
