import { uptime } from 'node:os';
import { countActiveSwarms } from '@claude-flow/core/store/swarms';
import { createRoute, z } from '@hono/zod-openapi';
import type { AddRoutes } from '../http/add-routes.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { allow } from '../http/middleware/allow.ts';
import { jsonContent } from '../http/schemas/common.ts';
import { problems } from '../http/schemas/problem.ts';
import { iso } from '../http/time.ts';
import { health, liveness, readiness, systemStats } from './system-schemas.ts';

/** Seconds: what most probes and balancers do anyway. */
const PROBED_AGAIN_S = '1';
const open: Record<string, string[]>[] = [];

const healthRoute = createRoute({
  method: 'get',
  path: '/api/health',
  operationId: 'getHealth',
  tags: ['System'],
  summary: 'Does this server answer?',
  description: 'Always 200 while it does; degraded when Redis is away. Needs no key and is never limited.',
  security: open,
  responses: { 200: jsonContent(health, 'It does') },
});

const livezRoute = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'getLiveness',
  tags: ['System'],
  summary: 'Is this process alive?',
  security: open,
  responses: { 200: jsonContent(liveness, 'It is') },
});

const readyzRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags: ['System'],
  summary: 'Can this process do its work?',
  security: open,
  responses: {
    200: jsonContent(readiness, 'It can'),
    503: jsonContent(readiness, 'Not now; reason says why'),
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tags: ['System'],
  summary: 'Measurements of this process for Prometheus',
  description: 'Needs the permission system:read, and counts as a read.',
  middleware: [allow('system:read')] as const,
  responses: {
    200: { description: 'Exposition format', content: { 'text/plain': { schema: z.string() } } },
    ...problems('authentication_required', 'permission_denied', 'route_not_found'),
  },
});

const statsRoute = createRoute({
  method: 'get',
  path: '/api/system/stats',
  operationId: 'getSystemStats',
  tags: ['System'],
  summary: 'This process and its machine',
  description: 'Needs the permission system:read.',
  middleware: [allow('system:read')] as const,
  responses: {
    200: jsonContent(systemStats, 'The numbers'),
    ...problems('authentication_required', 'permission_denied'),
  },
});

export const addSystemRoutes: AddRoutes = (app, deps) => {
  app.openapi(healthRoute, (c) =>
    c.json(
      {
        status: deps.ledger.redis.status === 'ready' ? ('healthy' as const) : ('degraded' as const),
        service: 'claude-flow-headless-api' as const,
        version: deps.version,
        timestamp: iso(deps.now()),
        uptime: Math.floor(process.uptime()),
        environment: deps.config.environment,
      },
      200,
    ),
  );
  app.openapi(livezRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyzRoute, async (c) => {
    const state = await deps.readiness();
    return state.ready ? c.json(state, 200) : c.json(state, 503, { 'Retry-After': PROBED_AGAIN_S });
  });
  app.openapi(metricsRoute, async (c) => {
    if (!deps.config.measuring.metrics) {
      throw new ApiError('route_not_found', 'This server shows no measurements (ENABLE_METRICS=false).');
    }
    const { registry } = deps.metrics;
    return c.text(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
  });
  app.openapi(statsRoute, async (c) => {
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    return c.json(
      {
        system: {
          nodeVersion: process.version,
          platform: process.platform,
          architecture: process.arch,
          uptime: Math.floor(uptime()),
          memory: { rss, heapTotal, heapUsed },
        },
        server: {
          activeSwarms: await countActiveSwarms(deps.ledger),
          connectedClients: deps.streams.count,
        },
      },
      200,
    );
  });
};
