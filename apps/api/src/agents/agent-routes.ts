import { AGENT_STATUSES } from '@claude-flow/core/domain/states';
import { countAgents, getAgent, readAgents } from '@claude-flow/core/store/agents';
import { createRoute } from '@hono/zod-openapi';
import { agentNotFound, checkedAgentId, ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { readPage } from '../http/pages.ts';
import { agentParams, jsonContent, queryWords, swarmParams } from '../http/schemas/common.ts';
import { pageQuery } from '../http/schemas/pages.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { agentList } from '../tasks/work-schemas.ts';
import { agentView } from './agent-view.ts';
import { agentAnswer } from './new-agent-schema.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/agents',
  operationId: 'listAgents',
  tags: ['Agents'],
  summary: 'Agents that a swarm has or had, oldest first, in pages',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: pageQuery.extend({ status: queryWords('status', AGENT_STATUSES) }) },
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
    const { status, ...page } = c.req.valid('query');
    const { items, nextCursor, read } = await readPage(page, {
      total: await countAgents(deps.ledger, id),
      read: (from, count) => readAgents(deps.ledger, id, from, count),
      numberOf: (agent) => Number(agent.id.slice('agent_'.length)),
      keep: status && ((agent) => status.includes(agent.status)),
      size: (agent) => agent.name.length + (agent.capabilities?.length ?? 0),
    });
    await payForRead(c, read);
    const agents = items.map((agent) => agentView(id, agent));
    return c.json({ swarmId: id, agents, count: agents.length, nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { id, agentId } = c.req.valid('param');
    await ownSwarm(deps.ledger, principalOf(c), id);
    const agent = await getAgent(deps.ledger, id, checkedAgentId(agentId));
    if (agent === undefined) throw agentNotFound(agentId);
    return c.json({ swarmId: id, agent: agentView(id, agent) }, 200);
  });
};
