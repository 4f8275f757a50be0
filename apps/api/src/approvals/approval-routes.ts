import { isApprovalId } from '@claude-flow/core/domain/approval';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import {
  decideApproval,
  listApprovals,
  readApprovalInput,
  readApprovals,
} from '@claude-flow/core/store/approvals';
import { createRoute } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonBody } from '../http/middleware/body.ts';
import { jsonContent, swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { payForRead } from '../limits/read-cost.ts';
import { dispatchSoon } from '../swarms/dispatch-soon.ts';
import {
  approvalAnswer,
  approvalList,
  approvalParams,
  approvalQuery,
  decidedAnswer,
  decisionBody,
} from './approval-schemas.ts';
import { approvalView } from './approval-view.ts';
import { pageOfApprovals } from './page-of-approvals.ts';

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/approvals',
  operationId: 'listApprovals',
  tags: ['Approvals'],
  summary: 'What agents of a swarm have asked people, oldest first, in pages',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: approvalQuery },
  responses: {
    200: jsonContent(approvalList, 'The approvals; a swarm has 1,000 at most'),
    ...problems('validation_failed', 'authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/approvals/{approvalId}',
  operationId: 'getApproval',
  tags: ['Approvals'],
  summary: 'One approval, with the whole input of its call',
  middleware: [allow('swarms:read')] as const,
  request: { params: approvalParams },
  responses: {
    200: jsonContent(approvalAnswer, 'The approval'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'approval_not_found'),
  },
});

const decide = createRoute({
  method: 'post',
  path: '/api/swarm/{id}/approvals/{approvalId}',
  operationId: 'decideApproval',
  tags: ['Approvals'],
  summary: 'Approve or deny what an agent asked for',
  description:
    'The first decision counts; the same one may be repeated. When all that its task waits for is decided, the task goes on where it stopped.',
  middleware: [allow('swarms:write'), jsonBody] as const,
  request: {
    params: approvalParams,
    body: { required: true, ...jsonContent(decisionBody, 'The decision') },
  },
  responses: {
    200: jsonContent(decidedAnswer, 'It is decided'),
    ...problems(
      'validation_failed',
      'malformed_json',
      'authentication_required',
      'permission_denied',
      'swarm_not_found',
      'approval_not_found',
      'approval_state_conflict',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
});

export const addApprovalRoutes: AddRoutes = (app, deps) => {
  const { ledger, ownerNames } = deps;

  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const { status, ...page } = c.req.valid('query');
    const all = await listApprovals(ledger, id);
    // All are read for a page: they are 1,000 at most.
    const bytes = all.reduce((sum, { input, change }) => sum + input.length + (change?.diff.length ?? 0), 0);
    await payForRead(c, { records: all.length, bytes });
    const wanted = all.filter((approval) => status === undefined || approval.status === status);
    const { items, nextCursor } = pageOfApprovals(wanted, page);
    const approvals = items.map((approval) => approvalView(approval, ownerNames));
    return c.json({ swarmId: id, approvals, count: items.length, nextCursor }, 200);
  });

  app.openapi(read, async (c) => {
    const { id, approvalId } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const found = isApprovalId(approvalId) ? await readApprovals(ledger, id, [approvalId]) : undefined;
    const approval = found?.get(approvalId);
    if (approval === undefined) {
      throw new ClaudeFlowError('approval_not_found', 'There is no approval with that id in this swarm.');
    }
    const fullInput = (await readApprovalInput(ledger, id, approval)) ?? null;
    return c.json({ swarmId: id, approval: approvalView(approval, ownerNames), fullInput }, 200);
  });

  app.openapi(decide, async (c) => {
    const { id, approvalId } = c.req.valid('param');
    const { decision, note } = c.req.valid('json');
    const principal = principalOf(c);
    await ownSwarm(ledger, principal, id);
    const { changed, approval } = await decideApproval(ledger, id, {
      approvalId,
      decision: decision === 'approve' ? 'approved' : 'denied',
      decidedBy: principal.owner,
      ...(note === undefined ? {} : { note }),
    });
    // Also when it was decided before: whoever did may have been cut off here.
    dispatchSoon(deps, id);
    const message = changed ? `The approval is ${approval.status}` : `It was ${approval.status} before`;
    return c.json(
      {
        swarmId: id,
        status: approval.status,
        message,
        data: approvalView(approval, ownerNames),
        timestamp: iso(deps.now()),
      },
      200,
    );
  });
};
