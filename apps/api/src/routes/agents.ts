import { listAgents } from '@claude-flow/core/store/task-reads';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { jsonContent, swarmParams } from '../schemas/common.ts';
import { problems } from '../schemas/problem.ts';
import { agentList } from '../schemas/work.ts';
import { agentView } from '../views/agent-view.ts';
import type { AddRoutes } from './add-routes.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/agents',
  operationId: 'listAgents',
  tags: ['Agents'],
  summary: 'All agents a swarm has or had, oldest first',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams },
  responses: {
    200: jsonContent(agentList, 'The agents'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

export const addAgentRoutes: AddRoutes = (app, deps) => {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const agents = (await listAgents(deps.ledger, id)).map((agent) => agentView(id, agent));
    return c.json({ swarmId: id, agents, count: agents.length }, 200);
  });
};
