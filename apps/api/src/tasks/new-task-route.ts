import { bindRequestKey } from '@claude-flow/core/store/idempotency';
import { getTask } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm, taskNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import { createdContent, idempotencyHeaders, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { roomForMore } from '../limits/storage-room.ts';
import { dispatchSoon } from '../swarms/dispatch-soon.ts';
import { acceptTask } from './accept-task.ts';
import { newTaskBody, taskCommandAnswer } from './new-task-schema.ts';
import { taskView } from './task-view.ts';

const create = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/tasks',
  operationId: 'createTask',
  tags: ['Tasks'],
  summary: 'Add a task to a swarm',
  description:
    'To one that has not ended: while its plan is being made, before it is started, or while it runs. It begins when its ' +
    'dependencies have completed and an agent is free, higher priorities first. Tasks added before the plan is there have the ' +
    'first ids, in the order of adding; the plan’s tasks come after them, and its closing task (the synthesis) waits for them ' +
    'too. Until then an added task can depend on added ones only. Line breaks in its name become spaces.',
  middleware: [allow('swarms:write'), jsonBody] as const,
  request: {
    params: swarmParams,
    headers: idempotencyHeaders,
    body: { required: true, content: { 'application/json': { schema: newTaskBody } } },
  },
  responses: {
    201: createdContent(taskCommandAnswer, 'The task is stored'),
    ...problems(
      'validation_failed',
      'malformed_json',
      'authentication_required',
      'permission_denied',
      'swarm_not_found',
      'swarm_state_conflict',
      'task_state_conflict',
      'swarm_full',
      'storage_full',
      'body_too_large',
      'unsupported_media_type',
      'idempotency_conflict',
    ),
  },
});

export const addNewTaskRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(create, async (c) => {
    const { id } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const { owner } = swarm;
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const bound =
      idempotencyKey === undefined
        ? undefined
        : await bindRequestKey(ledger, id, { owner, idempotencyKey, body: await c.req.text() });
    if (bound?.used !== true) await roomForMore(deps, owner, Buffer.byteLength(await c.req.text()));
    const taskId = await acceptTask(deps, swarm, c.req.valid('json'), bound?.requestKey ?? '');
    dispatchSoon(deps, id);
    const task = await getTask(ledger, id, taskId);
    if (task === undefined) throw taskNotFound(taskId);
    c.header('Location', `/api/swarm/${id}/tasks/${taskId}`);
    if (bound?.used) c.header('Idempotency-Replayed', 'true');
    return c.json(
      {
        swarmId: id,
        taskId,
        status: task.state.status,
        message: 'Task created successfully',
        data: taskView(id, task, undefined),
        timestamp: iso(task.spec.createdAt),
      },
      201,
    );
  });
};
