import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { readEventsFrom } from '@claude-flow/core/store/events';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getTask } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { checkedTaskId, ownSwarm, taskNotFound } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent, taskParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { attemptList } from './attempts-schema.ts';
import { attemptsView } from './attempts-view.ts';

/** Events read at once: keeps Redis free for others between two pages of a long history. */
const PAGE = 1_000;

const attempts = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/tasks/{taskId}/attempts',
  operationId: 'listAttempts',
  tags: ['Tasks'],
  summary: 'What became of each attempt of a task',
  description:
    "From the swarm's events, all of which are read: for people who look into something, not for polling.",
  middleware: [allow('swarms:read')] as const,
  request: { params: taskParams },
  responses: {
    200: jsonContent(attemptList, 'The attempts, in their order'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'task_not_found'),
  },
});

async function eventsOf(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
): Promise<{ events: SwarmEvent[]; complete: boolean; read: number }> {
  const events: SwarmEvent[] = [];
  let complete = true;
  let read = 0;
  for (let seq = 0; ; ) {
    const page = await readEventsFrom(ledger, swarmId, { seq }, PAGE);
    read += page.events.length;
    complete &&= page.resync === undefined;
    events.push(...page.events.filter((event) => event.taskId === taskId));
    seq = page.events.at(-1)?.seq ?? seq;
    if (page.events.length < PAGE) return { events, complete, read };
  }
}

export const addTaskAttemptsRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(attempts, async (c) => {
    const { id, taskId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const known = checkedTaskId(taskId);
    if ((await getTask(ledger, id, known)) === undefined) throw taskNotFound(taskId);
    const { events, complete, read } = await eventsOf(ledger, id, known);
    await payForRead(c, { records: read });
    const list = attemptsView(events);
    return c.json({ swarmId: id, taskId, attempts: list, count: list.length, complete }, 200);
  });
};
