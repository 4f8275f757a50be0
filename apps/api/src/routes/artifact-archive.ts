import { listResults, listTasks } from '@claude-flow/core/store/task-reads';
import { createRoute, z } from '@hono/zod-openapi';
import { ownSwarm } from '../access.ts';
import { principalOf } from '../app-env.ts';
import { archiveOf } from '../artifact-archive.ts';
import { allow } from '../middleware/allow.ts';
import { swarmParams } from '../schemas/common.ts';
import { problems } from '../schemas/problem.ts';
import type { AddRoutes } from './add-routes.ts';

const archive = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/artifacts.tar',
  operationId: 'downloadArtifacts',
  tags: ['Results'],
  summary: 'All files that completed tasks left, as one tar archive',
  description: 'Each at <task id>/<path>. It is streamed: its size is not known beforehand.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams },
  responses: {
    200: {
      description: 'The archive; without files when there are none yet',
      content: { 'application/x-tar': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found'),
  },
});

export const addArtifactArchiveRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(archive, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const [tasks, results] = await Promise.all([listTasks(ledger, id), listResults(ledger, id)]);
    const files = tasks.flatMap(({ spec, state }) =>
      (results.get(spec.id)?.artifacts ?? []).map((entry) => ({
        taskId: spec.id,
        entry,
        at: new Date(state.endedAt ?? spec.createdAt),
      })),
    );
    return c.body(archiveOf(ledger, id, files), 200, {
      'Content-Type': 'application/x-tar',
      'Content-Disposition': `attachment; filename="${id}.tar"`,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private, no-store',
    });
  });
};
