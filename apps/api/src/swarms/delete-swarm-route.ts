import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isSwarmId } from '@claude-flow/core/domain/ids';
import { rememberDeletion, wasDeletedBy } from '@claude-flow/core/store/deletions';
import { deleteSwarm } from '@claude-flow/core/store/swarms';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { giveRoomBack } from '../limits/storage-room.ts';
import { deletedAnswer } from './swarm-schemas.ts';
import { tellWorkers } from './tell-workers.ts';

const remove = createRoute({
  method: 'delete',
  path: '/api/swarm/{id}',
  operationId: 'deleteSwarm',
  tags: ['Swarms'],
  summary: 'Delete a swarm',
  description:
    'Whatever its state: it is stopped if need be, and all of it is gone: tasks, results, files, events, logs. May be ' +
    'repeated for a day.',
  middleware: [allow('swarms:write')] as const,
  request: { params: swarmParams },
  responses: {
    200: jsonContent(deletedAnswer, 'It is gone'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'body_too_large'),
  },
});

export const addDeleteRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    const principal = principalOf(c);
    let message = 'Swarm deleted successfully';
    let owner = principal.owner;
    try {
      ({ owner } = await ownSwarm(ledger, principal, id));
      // Its owner must not bring it back by a late retry; an administrator may ask again too.
      for (const one of new Set([owner, principal.owner])) await rememberDeletion(ledger, one, id);
    } catch (error) {
      const unknown = error instanceof ClaudeFlowError && error.code === 'swarm_not_found';
      if (!unknown || !isSwarmId(id) || !(await wasDeletedBy(ledger, principal.owner, id))) throw error;
      message = 'The swarm was deleted before';
    }
    await deleteSwarm(ledger, id);
    await giveRoomBack(deps, { swarmId: id, owner });
    await tellWorkers(deps, id);
    return c.json(
      { swarmId: id, status: 'deleted' as const, message, data: { id }, timestamp: iso(deps.now()) },
      200,
    );
  });
};
