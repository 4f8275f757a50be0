import { TASK_STATUSES } from '@claude-flow/core/domain/states';
import { listAgents } from '@claude-flow/core/store/agents';
import { getResult, getTask, getTasks, listResults, listTasks } from '@claude-flow/core/store/task-reads';
import { createRoute, z } from '@hono/zod-openapi';
import { checkedTaskId, ownSwarm, taskNotFound } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { jsonContent, queryWords, swarmParams, taskParams } from '../schemas/common.ts';
import { problems } from '../schemas/problem.ts';
import { taskAnswer, taskList } from '../schemas/work.ts';
import { taskView } from '../views/task-view.ts';
import { whyWaiting } from '../views/why-waiting.ts';
import type { AddRoutes } from './add-routes.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/tasks',
  operationId: 'listTasks',
  tags: ['Tasks'],
  summary: 'All tasks of a swarm, in the order of their numbers',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: z.object({ status: queryWords('status', TASK_STATUSES) }) },
  responses: {
    200: jsonContent(taskList, 'The tasks'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/tasks/{taskId}',
  operationId: 'getTask',
  tags: ['Tasks'],
  summary: 'One task, and why it is not running',
  middleware: [allow('swarms:read')] as const,
  request: { params: taskParams },
  responses: {
    200: jsonContent(taskAnswer, 'The task'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'task_not_found'),
  },
});

export const addTaskRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;

  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const [stored, results] = await Promise.all([listTasks(ledger, id), listResults(ledger, id)]);
    const { status } = c.req.valid('query');
    const wanted = stored.filter(({ state }) => status?.includes(state.status) ?? true);
    const tasks = wanted.map((task) => taskView(id, task, results.get(task.spec.id)));
    return c.json({ swarmId: id, tasks, count: tasks.length }, 200);
  });

  app.openapi(one, async (c) => {
    const { id, taskId } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    const [task, result] = await Promise.all([getTask(ledger, id, known), getResult(ledger, id, known)]);
    if (task === undefined) throw taskNotFound(taskId);
    const [dependencies, agents] = await Promise.all([
      getTasks(ledger, id, task.spec.dependencies),
      listAgents(ledger, id),
    ]);
    const why = whyWaiting({ swarm, task, dependencies, agents });
    return c.json({ swarmId: id, task: taskView(id, task, result), why }, 200);
  });
};
