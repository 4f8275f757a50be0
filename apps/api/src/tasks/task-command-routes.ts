import { assignTask } from '@claude-flow/core/store/agents';
import { cancelTask, retryTask } from '@claude-flow/core/store/task-control';
import { getResult, getTask } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { checkedAgentId, checkedTaskId, ownSwarm, taskNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import { jsonContent, taskParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { dispatchSoon } from '../swarms/dispatch-soon.ts';
import { assignBody, assignedAnswer, taskCommandAnswer } from './new-task-schema.ts';
import { taskView } from './task-view.ts';

const REFUSALS = [
  'authentication_required',
  'permission_denied',
  'swarm_not_found',
  'task_not_found',
  'swarm_state_conflict',
  'task_state_conflict',
  'body_too_large',
] as const;

const assign = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/tasks/{taskId}/assign',
  operationId: 'assignTask',
  tags: ['Tasks'],
  summary: 'Have one agent do a task, and no other',
  description:
    'When the agent is busy, the task waits for it. A task that an agent is already at cannot be moved. When the agent is ' +
    'terminated first, any other may do it. May be repeated.',
  middleware: [allow('swarms:write'), jsonBody] as const,
  request: {
    params: taskParams,
    body: { required: true, content: { 'application/json': { schema: assignBody } } },
  },
  responses: {
    200: jsonContent(assignedAnswer, 'It is assigned'),
    ...problems(
      ...REFUSALS,
      'agent_not_found',
      'validation_failed',
      'malformed_json',
      'unsupported_media_type',
    ),
  },
});

const retry = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/tasks/{taskId}/retry',
  operationId: 'retryTask',
  tags: ['Tasks'],
  summary: 'Do a failed or cancelled task again',
  description:
    'While its swarm has not ended: from the beginning, with all its retries. Tasks that were skipped on its account wait ' +
    'for it again. A task that waits for its next try is tried at once. 409 when the swarm has ended (make a new one), when ' +
    'the task did neither fail nor was cancelled, when something it needs failed (retry that first), or when its dependants ' +
    'went on without it (onFailure: continue).',
  middleware: [allow('swarms:write')] as const,
  request: { params: taskParams },
  responses: { 200: jsonContent(taskCommandAnswer, 'It is tried again'), ...problems(...REFUSALS) },
});

const cancel = createRoute({
  method: 'delete',
  path: '/api/swarm/{id}/tasks/{taskId}',
  operationId: 'cancelTask',
  tags: ['Tasks'],
  summary: 'Take a task out of a swarm that goes on',
  description:
    'It reads cancelled from then on; an agent at work on it stops within seconds. Its onFailure decides about tasks that ' +
    'depend on it: they are skipped (skip-dependents), go on without it (continue), or the swarm ends (fail-swarm). 409 when ' +
    'it has ended already. May be repeated.',
  middleware: [allow('swarms:write')] as const,
  request: { params: taskParams },
  responses: { 200: jsonContent(taskCommandAnswer, 'It is cancelled'), ...problems(...REFUSALS) },
});

export const addTaskCommandRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;

  const answer = async (swarmId: string, taskId: string, message: string) => {
    const [task, result] = await Promise.all([
      getTask(ledger, swarmId, taskId),
      getResult(ledger, swarmId, taskId),
    ]);
    if (task === undefined) throw taskNotFound(taskId);
    const { status } = task.state;
    const data = taskView(swarmId, task, result);
    return { swarmId, taskId, status, message, data, timestamp: iso(deps.now()) };
  };

  app.openapi(assign, async (c) => {
    const { id, taskId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    const agentId = checkedAgentId(c.req.valid('json').agentId);
    const { changed } = await assignTask(ledger, id, known, agentId);
    dispatchSoon(deps, id);
    const message = changed ? 'Task assigned successfully' : 'The task was assigned to this agent before';
    return c.json({ ...(await answer(id, known, message)), agentId }, 200);
  });

  app.openapi(retry, async (c) => {
    const { id, taskId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    const { revived } = await retryTask(ledger, id, known);
    dispatchSoon(deps, id);
    const others = revived === 1 ? '1 skipped task waits' : `${revived} skipped tasks wait`;
    const message = `The task is tried again${revived > 0 ? `; ${others} for it` : ''}`;
    return c.json(await answer(id, known, message), 200);
  });

  app.openapi(cancel, async (c) => {
    const { id, taskId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    const { changed } = await cancelTask(ledger, id, known);
    // Its agent is free for another task.
    dispatchSoon(deps, id);
    const message = changed ? 'Task cancelled successfully' : 'The task was cancelled before';
    return c.json(await answer(id, known, message), 200);
  });
};
