import { createRoute } from '@hono/zod-openapi';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import { knownFields } from '../http/middleware/known-fields.ts';
import { createdContent, idempotencyHeaders } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { OWN_TASK, ownTask } from '../tasks/own-tasks-schema.ts';
import { acceptSwarm } from './create-swarm.ts';
import { createSwarmBody, MISPLACED_IN_SWARM } from './create-swarm-schema.ts';
import { createdAnswer } from './swarm-schemas.ts';
import { EFFECTIVE_MODE } from './swarm-view.ts';

const CREATE_FIELDS = Object.keys(createSwarmBody.shape);

const create = createRoute({
  method: 'post',
  path: '/api/swarm/create',
  operationId: 'createSwarm',
  tags: ['Swarms'],
  summary: 'Create a swarm',
  description:
    'Answered when the swarm is safely stored. Its plan is made meanwhile, unless you bring your own tasks.',
  middleware: [allow('swarms:write'), jsonBody, knownFields(CREATE_FIELDS, MISPLACED_IN_SWARM)] as const,
  request: {
    headers: idempotencyHeaders,
    body: { required: true, content: { 'application/json': { schema: createSwarmBody } } },
  },
  responses: {
    201: createdContent(createdAnswer, 'The swarm is stored'),
    ...problems(
      'validation_failed',
      'malformed_json',
      'authentication_required',
      'permission_denied',
      'body_too_large',
      'storage_full',
      'swarm_too_large',
      'unsupported_media_type',
      'idempotency_conflict',
    ),
  },
});

export const addCreateRoute: AddRoutes = (app, deps) => {
  app.openAPIRegistry.register(OWN_TASK, ownTask);
  app.openapi(create, async (c) => {
    const wish = c.req.valid('json');
    const creation = await acceptSwarm(deps, {
      principal: principalOf(c),
      wish,
      body: await c.req.text(),
      idempotencyKey: c.req.valid('header')['idempotency-key'],
    });
    if (creation.replayed) c.header('Idempotency-Replayed', 'true');
    c.header('Location', `/api/swarm/${creation.swarmId}`);
    const { objective, strategy, mode, maxAgents, timeout, parallel } = wish;
    return c.json(
      {
        swarmId: creation.swarmId,
        status: wish.autoStart ? ('executing' as const) : ('planning' as const),
        message: 'Swarm created successfully',
        data: {
          objective,
          strategy,
          mode,
          effectiveMode: EFFECTIVE_MODE,
          maxAgents,
          timeout,
          parallel,
          name: creation.name,
          planned: creation.planned,
        },
        timestamp: iso(creation.acceptedAt),
      },
      201,
    );
  });
};
