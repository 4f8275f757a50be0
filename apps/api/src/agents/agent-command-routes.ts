import { getAgent, spawnAgent, terminateAgent } from '@claude-flow/core/store/agents';
import { bindRequestKey } from '@claude-flow/core/store/idempotency';
import { createRoute } from '@hono/zod-openapi';
import { agentNotFound, checkedAgentId, ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import {
  agentParams,
  createdContent,
  idempotencyHeaders,
  jsonContent,
  swarmParams,
} from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { roomForMore } from '../limits/storage-room.ts';
import { dispatchSoon } from '../swarms/dispatch-soon.ts';
import { asFull } from '../tasks/accept-task.ts';
import { agentView } from './agent-view.ts';
import { agentCommandAnswer, newAgentBody } from './new-agent-schema.ts';

const spawn = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/agents',
  operationId: 'spawnAgent',
  tags: ['Agents'],
  summary: 'Give a swarm one more agent',
  description:
    'Usually a swarm gives itself the agents that its tasks need. One of your own is idle until a task of its type is ' +
    'ready or one is assigned to it. 409 when maxAgents of them live, or the swarm has ended.',
  middleware: [allow('swarms:write'), jsonBody] as const,
  request: {
    params: swarmParams,
    headers: idempotencyHeaders,
    body: { required: true, content: { 'application/json': { schema: newAgentBody } } },
  },
  responses: {
    201: createdContent(agentCommandAnswer, 'It is there'),
    ...problems(
      'validation_failed',
      'malformed_json',
      'authentication_required',
      'permission_denied',
      'swarm_not_found',
      'swarm_state_conflict',
      'swarm_full',
      'storage_full',
      'body_too_large',
      'unsupported_media_type',
      'idempotency_conflict',
    ),
  },
});

const terminate = createRoute({
  method: 'delete',
  path: '/api/swarm/{id}/agents/{agentId}',
  operationId: 'terminateAgent',
  tags: ['Agents'],
  summary: 'End an agent',
  description: 'What it was at goes to another one, which continues there. May be repeated.',
  middleware: [allow('swarms:write')] as const,
  request: { params: agentParams },
  responses: {
    200: jsonContent(agentCommandAnswer, 'It is terminated'),
    ...problems(
      'authentication_required',
      'permission_denied',
      'swarm_not_found',
      'agent_not_found',
      'body_too_large',
    ),
  },
});

export const addAgentCommandRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;

  app.openapi(spawn, async (c) => {
    const { id } = c.req.valid('param');
    const { owner } = await ownSwarm(ledger, principalOf(c), id);
    const idempotencyKey = c.req.valid('header')['idempotency-key'];
    const bound =
      idempotencyKey === undefined
        ? undefined
        : await bindRequestKey(ledger, id, { owner, idempotencyKey, body: await c.req.text() });
    if (bound?.used !== true) await roomForMore(deps, owner, Buffer.byteLength(await c.req.text()));
    const agent = await spawnAgent(ledger, id, c.req.valid('json'), bound?.requestKey ?? '').catch(
      (error: unknown) => {
        throw asFull(error);
      },
    );
    c.header('Location', `/api/swarm/${id}/agents/${agent.id}`);
    if (bound?.used) c.header('Idempotency-Replayed', 'true');
    return c.json(
      {
        swarmId: id,
        agentId: agent.id,
        status: agent.status,
        message: 'Agent spawned successfully',
        data: agentView(id, agent),
        timestamp: iso(agent.spawnedAt),
      },
      201,
    );
  });

  app.openapi(terminate, async (c) => {
    const { id, agentId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const before = await getAgent(ledger, id, checkedAgentId(agentId));
    if (before === undefined) throw agentNotFound(agentId);
    const agent = await terminateAgent(ledger, id, agentId);
    // What it was at is ready for another one.
    dispatchSoon(deps, id);
    const again = before.status === 'terminated';
    return c.json(
      {
        swarmId: id,
        agentId,
        status: agent.status,
        message: again ? 'The agent was terminated before' : 'Agent terminated successfully',
        data: agentView(id, agent),
        timestamp: iso(deps.now()),
      },
      200,
    );
  });
};
