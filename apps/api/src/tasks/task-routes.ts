import { TASK_STATUSES } from '@claude-flow/core/domain/states';
import { listLivingAgents } from '@claude-flow/core/store/agents';
import {
  countTasks,
  getResult,
  getTask,
  getTasks,
  readResults,
  readTasks,
} from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { checkedTaskId, ownSwarm, taskNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { readPage } from '../http/pages.ts';
import { jsonContent, queryWords, swarmParams, taskParams } from '../http/schemas/common.ts';
import { pageQuery } from '../http/schemas/pages.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { completedOf, taskView } from './task-view.ts';
import { whyWaiting } from './why-waiting.ts';
import { taskAnswer, taskList } from './work-schemas.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/tasks',
  operationId: 'listTasks',
  tags: ['Tasks'],
  summary: 'Tasks of a swarm, in the order of their numbers, in pages',
  description:
    'With status, or where results are large, a page may hold fewer than limit, even none, and have a nextCursor all the same: go on until it is null.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: pageQuery.extend({ status: queryWords('status', TASK_STATUSES) }) },
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
    const { status, ...page } = c.req.valid('query');
    const { items, nextCursor, read } = await readPage(page, {
      total: await countTasks(ledger, id),
      read: async (from, count) => {
        const tasks = await readTasks(ledger, id, from, count);
        const wanted = tasks.filter(({ state }) => status?.includes(state.status) ?? true);
        const results = await readResults(ledger, id, completedOf(wanted));
        return tasks.map((task) => ({ task, result: results.get(task.spec.id) }));
      },
      keep: status && (({ task }) => status.includes(task.state.status)),
      numberOf: ({ task }) => task.spec.sequence,
      size: ({ task, result }) => task.spec.description.length + (result?.output.length ?? 0),
    });
    await payForRead(c, read);
    const tasks = items.map(({ task, result }) => taskView(id, task, result));
    return c.json({ swarmId: id, tasks, count: tasks.length, nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { id, taskId } = c.req.valid('param');
    const swarm = await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    const [task, result] = await Promise.all([getTask(ledger, id, known), getResult(ledger, id, known)]);
    if (task === undefined) throw taskNotFound(taskId);
    const [dependencies, agents] = await Promise.all([
      getTasks(ledger, id, task.spec.dependencies),
      listLivingAgents(ledger, id),
    ]);
    const why = whyWaiting({ swarm, task, dependencies, agents });
    return c.json({ swarmId: id, task: taskView(id, task, result), why }, 200);
  });
};
