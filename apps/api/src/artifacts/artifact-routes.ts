import { isUtf8 } from 'node:buffer';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { readArtifact } from '@claude-flow/core/store/artifacts';
import { getResult } from '@claude-flow/core/store/task-reads';
import { createRoute, z } from '@hono/zod-openapi';
import { checkedTaskId, ownSwarm } from '../auth/access.ts';
import type { AddRoutes } from '../http/add-routes.ts';
import { principalOf } from '../http/app-env.ts';
import { allow } from '../http/middleware/allow.ts';
import { makeRoom } from '../http/middleware/unread.ts';
import { jsonContent, swarmParams, taskParams } from '../http/schemas/common.ts';
import { pageQuery } from '../http/schemas/pages.ts';
import { problems } from '../http/schemas/problem.ts';
import { payForRead } from '../limits/read-cost.ts';
import { artifactList } from '../results/outcome-schemas.ts';
import { fileView } from './artifact-view.ts';
import { listFiles } from './list-files.ts';

/** Agents cannot name a longer one. */
const MAX_PATH = 500;

const list = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/artifacts',
  operationId: 'listArtifacts',
  tags: ['Results'],
  summary: 'Files that completed tasks left, in pages',
  middleware: [allow('swarms:read')] as const,
  request: { params: swarmParams, query: pageQuery },
  responses: {
    200: jsonContent(artifactList, 'The files'),
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'validation_failed'),
  },
});

/** Described here; the router needs the path, which may hold slashes, in its own words. */
const download = createRoute({
  method: 'get',
  path: '/api/swarm/{id}/artifacts/{taskId}/{path}',
  operationId: 'downloadArtifact',
  tags: ['Results'],
  summary: 'One file',
  description:
    'The path may hold slashes. Text of any kind, HTML and SVG included, comes as text/plain, everything else as ' +
    'application/octet-stream, both to be saved: agents wrote it, and no browser should run it.',
  request: {
    params: taskParams.extend({
      path: z.string().openapi({
        param: { name: 'path', in: 'path' },
        maxLength: MAX_PATH,
        example: 'docs/architecture.md',
      }),
    }),
  },
  responses: {
    200: {
      description: 'The file',
      content: {
        'text/plain': { schema: z.string() },
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
    },
    ...problems('authentication_required', 'permission_denied', 'swarm_not_found', 'artifact_not_found'),
  },
});
const DOWNLOAD_PATH = '/api/swarm/:id/artifacts/:taskId/:path{.+}';

export const addArtifactRoutes: AddRoutes = (app, deps) => {
  const { ledger } = deps;

  app.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    await ownSwarm(ledger, principalOf(c), id);
    const { files, nextCursor, read } = await listFiles(ledger, id, c.req.valid('query'));
    await payForRead(c, read);
    const artifacts = files.map(({ taskId, key, entry }) => ({
      taskId,
      key,
      ...fileView(id, taskId, entry),
    }));
    return c.json({ swarmId: id, artifacts, count: artifacts.length, nextCursor }, 200);
  });

  app.openAPIRegistry.registerPath(download);
  app.get(DOWNLOAD_PATH, allow('swarms:read'), async (c) => {
    const { id, taskId, path } = c.req.param();
    await ownSwarm(ledger, principalOf(c), id);
    const result = await getResult(ledger, id, checkedTaskId(taskId));
    const entry = result?.artifacts.find((artifact) => artifact.path === path);
    if (entry !== undefined) makeRoom(c, deps, entry.size);
    const content = entry && (await ledger.largeReads(id, () => readArtifact(ledger, id, entry.digest)));
    if (entry === undefined || content === undefined) {
      const message = `Task ${taskId} left no such file. GET /api/swarm/${id}/artifacts lists what there is.`;
      throw new ClaudeFlowError('artifact_not_found', message);
    }
    await payForRead(c, { bytes: content.length });
    return c.body(new Uint8Array(content), 200, {
      'Content-Type': isText(content) ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      'Content-Disposition': attachment(path),
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "sandbox; default-src 'none'",
      'Cache-Control': 'private, no-cache',
      ETag: `"${entry.digest}"`,
    });
  });
};

function isText(content: Buffer): boolean {
  return isUtf8(content) && !content.includes(0);
}

/** The file's own name, in the form that old clients read and in the one that knows all characters (RFC 6266). */
function attachment(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
