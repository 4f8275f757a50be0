import { AGENT_STATUSES } from '@claude-flow/core/domain/states';
import { getAgent, listAgents } from '@claude-flow/core/store/agents';
import { createRoute, z } from '@hono/zod-openapi';
import { agentNotFound, checkedAgentId, ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { allow } from '../middleware/allow.ts';
import { agentParams, jsonContent, queryWords, swarmParams } from '../schemas/common.ts';
import { agentAnswer } from '../schemas/new-agent.ts';
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
  request: { params: swarmParams, query: z.object({ status: queryWords('status', AGENT_STATUSES) }) },
  responses: {
    200: jsonContent(agentList, 'The agents'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

const one = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/agents/{agentId}',
  operationId: 'getAgent',
  tags: ['Agents'],
  summary: 'One agent',
  middleware: [allow('swarms:read')] as const,
  request: { params: agentParams },
  responses: {
    200: jsonContent(agentAnswer, 'The agent'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'agent_not_found'),
  },
});

export const addAgentRoutes: AddRoutes = (app, deps) => {
  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const { status } = c.req.valid('query');
    const stored = await listAgents(deps.ledger, id);
    const wanted = stored.filter((agent) => status?.includes(agent.status) ?? true);
    const agents = wanted.map((agent) => agentView(id, agent));
    return c.json({ swarmId: id, agents, count: agents.length }, 200);
  });

  app.openapi(one, async (c) => {
    const { id, agentId } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const agent = await getAgent(deps.ledger, id, checkedAgentId(agentId));
    if (agent === undefined) throw agentNotFound(agentId);
    return c.json({ swarmId: id, agent: agentView(id, agent) }, 200);
  });
};
