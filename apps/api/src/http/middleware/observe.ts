import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { AppEnv } from '../app-env.ts';
import type { ApiDeps } from '../deps.ts';

/** Asked every few seconds by machines; not worth a line each. */
const PROBES = new Set(['/livez', '/readyz', '/api/health', '/metrics']);

/** One log line and one measurement per request. The path without its query, which may hold a ticket. */
export function observe(deps: Pick<ApiDeps, 'log' | 'metrics' | 'ownerNames'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const seconds = (performance.now() - started) / 1000;
    const upgraded = c.res.ok && c.req.header('upgrade')?.toLowerCase() === 'websocket';
    const status = upgraded ? 101 : c.res.status;
    const { method, path } = c.req;
    deps.metrics.httpSeconds.observe({ method, route: routeLabel(routePath(c, -1)), status }, seconds);
    const principal = c.get('principal');
    const line = {
      event: 'http.request',
      requestId: c.get('requestId'),
      method,
      path,
      status,
      ms: Math.round(seconds * 1000),
      owner: principal && deps.ownerNames.shown(principal.owner),
      keyId: principal?.keyId,
    };
    deps.log[PROBES.has(path) ? 'debug' : 'info'](line, `${method} ${path} ${status}`);
  };
}

/** The pattern, never the path: labels must stay few. */
function routeLabel(pattern: string): string {
  return pattern === '' || pattern === '*' || pattern === '/*' ? 'none' : pattern;
}
