import { getTask } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { checkedTaskId, ownSwarm, taskNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, taskParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { readTurns } from './read-turns.ts';
import { turnView } from './turn-view.ts';
import { turnList, turnQuery } from './turns-schema.ts';

const turns = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/tasks/{taskId}/turns',
  operationId: 'listTurns',
  tags: ['Tasks'],
  summary: 'What the agent of a task said and did, turn by turn',
  description:
    'Oldest first, in pages: what the model said, summaries of what it thought, its calls of tools with their answers, and ' +
    'the usage. Long texts are cut, and what looks like a key is replaced by [secret]. Turns of all attempts; a retried ' +
    'task begins anew. Answers 404 where the server does not show turns (SHOW_TURNS=false).',
  middleware: [allow('swarms:read')] as const,
  request: { params: taskParams, query: turnQuery },
  responses: {
    200: jsonContent(turnList, 'One page'),
    ...problems(
      'authentication_required',
      'permission_denied',
      'validation_failed',
      'swarm_not_found',
      'task_not_found',
      'route_not_found',
    ),
  },
});

export const addTaskTurnsRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(turns, async (c) => {
    const { id, taskId } = c.req.valid('param');
    const { limit, cursor } = c.req.valid('query');
    await ownSwarm(ledger, principalOf(c), id);
    if (!deps.config.showTurns) {
      throw new ApiError(
        'route_not_found',
        'This server does not show what agents say and do (SHOW_TURNS=false).',
      );
    }
    const known = checkedTaskId(taskId);
    if ((await getTask(ledger, id, known)) === undefined) throw taskNotFound(taskId);
    const page = await readTurns(ledger, { swarmId: id, taskId: known }, { from: cursor ?? 0, limit });
    await payForRead(c, page.read);
    const list = page.turns.map((entries) => turnView(entries, page.model));
    const nextCursor = page.next === undefined ? null : String(page.next);
    return c.json(
      { swarmId: id, taskId, model: page.model ?? null, turns: list, count: list.length, nextCursor },
      200,
    );
  });
};
