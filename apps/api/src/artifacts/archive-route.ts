import { layOutFiles } from '@claude-flow/core/domain/lay-out-files';
import { createRoute, z } from '@hono/zod-openapi';
import { ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { makeRoom } from '../http/middleware/unread.ts';
import { swarmParams } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { fileTasksOf } from '../results/file-tasks.ts';
import { type LightTask, tasksWithResults, withoutTexts } from '../results/read-tasks-left.ts';
import { archiveOf } from './archive.ts';

const layout = z
  .enum(['merged', 'tasks'])
  .default('merged')
  .openapi({ description: 'merged: one tree of all files; tasks: a folder for each task' });

const archive = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/artifacts.tar',
  operationId: 'downloadArtifacts',
  tags: ['Results'],
  summary: 'All files that completed tasks left, as one tar archive',
  description:
    'One tree: each file at its path, in the version of the task that built on the others. Where tasks that did not know of each other left different versions, all are kept, each at <task id>/<path>, and CONFLICTS.txt names them. With layout=tasks every file of every task lies at <task id>/<path>. It is streamed: its size is not known beforehand.',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: z.object({ layout }) },
  responses: {
    200: {
      description: 'The archive; without files when there are none yet',
      content: { 'application/x-tar': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

export const addArtifactArchiveRoute: AddRoutes = (app, deps) => {
  const { ledger } = deps;
  app.openapi(archive, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const light: LightTask[] = [];
    let read = 0;
    for await (const one of tasksWithResults(ledger, id)) {
      read += one.result?.output.length ?? 0;
      light.push(withoutTexts(one));
    }
    const tasks = light.map(({ task }) => task);
    const results = new Map(
      light.flatMap(({ task, result }) => (result ? [[task.spec.id, result] as const] : [])),
    );
    const endOf = new Map(tasks.map(({ spec, state }) => [spec.id, state.endedAt ?? spec.createdAt]));
    const at = (taskId: string) => new Date(endOf.get(taskId) ?? 0);
    const fileTasks = fileTasksOf(tasks, results);
    const byTask = c.req.valid('query').layout === 'tasks';
    const tree = byTask ? undefined : layOutFiles(fileTasks);
    const files =
      tree?.files.map(({ target, taskId, entry }) => ({ name: target, entry, at: at(taskId) })) ??
      fileTasks.flatMap(({ id, artifacts }) =>
        artifacts.map((entry) => ({ name: `${id}/${entry.path}`, entry, at: at(id) })),
      );
    // One file after the other is in memory, for as long as its reader takes.
    makeRoom(
      c,
      deps,
      files.reduce((most, { entry }) => Math.max(most, entry.size), 0),
    );
    await payForRead(c, {
      records: tasks.length,
      bytes: files.reduce((sum, { entry }) => sum + entry.size, read),
    });
    const ends = [...endOf.values()].reduce((last, end) => Math.max(last, end), 0);
    const note = tree?.note && { name: tree.note.target, text: tree.note.text, at: new Date(ends) };
    return c.body(archiveOf(ledger, id, files, note), 200, {
      'Content-Type': 'application/x-tar',
      'Content-Disposition': `attachment; filename="${id}.tar"`,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private, no-store',
    });
  });
};
