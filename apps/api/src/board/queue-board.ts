import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import type { Queues } from '@claude-flow/core/queue/queues';
import { serveStatic } from '@hono/node-server/serve-static';
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { mayAct } from '../auth/principal.ts';
import type { ApiConfig } from '../config/config.ts';
import type { App } from '../http/add-routes.ts';
import { type AppEnv, AUTHENTICATION_MESSAGE, principalOf } from '../http/app-env.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { BOARD_CHALLENGE, BOARD_PATH } from '../http/middleware/authenticate.ts';

const uiFolder = () => {
  const ofAdapter = createRequire(createRequire(import.meta.url).resolve('@bull-board/hono'));
  return dirname(ofAdapter.resolve('@bull-board/ui/package.json'));
};

/** Jobs carry ids only; should one ever carry more, it is not shown. */
const idsOnly = (data: Record<string, unknown>) => {
  const { swarmId, taskId, attempt } = data;
  return { swarmId, taskId, attempt };
};

/** Bull Board at /admin/queues: what waits, what is under way. It shows and changes nothing. */
export function addQueueBoard(app: App, deps: { queues: Queues; config: ApiConfig }): void {
  const { plan, task, wake, webhook } = deps.queues;
  const queues = [plan, task, wake, webhook].map((queue) => {
    const adapter = new BullMQAdapter(queue, { readOnlyMode: true });
    adapter.setFormatter('data', idsOnly);
    return adapter;
  });
  const serverAdapter = new HonoAdapter(serveStatic).setBasePath(BOARD_PATH);
  createBullBoard({
    queues,
    serverAdapter,
    options: {
      uiBasePath: uiFolder(),
      uiConfig: { boardTitle: 'Claude-Flow queues', hideRedisDetails: true },
    },
  });
  app.use(`${BOARD_PATH}/*`, onlyAdministrators(deps.config), onlyReading, boardHeaders, ownHostOnly);
  app.route(BOARD_PATH, serverAdapter.registerPlugin());
}

/** A browser is asked for the admin key as a password; with authentication off, this machine itself may look. */
function onlyAdministrators(config: ApiConfig): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (mayAct(principalOf(c), 'queues:admin')) return next();
    if (!config.auth.enabled && config.auth.adminKeys.length > 0) {
      throw new ApiError('authentication_required', AUTHENTICATION_MESSAGE, { headers: BOARD_CHALLENGE });
    }
    const message = config.auth.enabled
      ? 'The queue board needs a key of ADMIN_API_KEYS.'
      : 'The queue board needs a key: set ADMIN_API_KEYS, or let the server listen on 127.0.0.1 only.';
    throw new ApiError('permission_denied', message);
  };
}

const onlyReading: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
  throw new ApiError('method_not_allowed', 'The queue board only shows.', {
    headers: { Allow: 'GET, HEAD' },
  });
};

/** What the board's page would load from other hosts: a font, without which it works as well. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="https?:\/\/[^>]*>/gi;

/** The board asks no other host for anything. The content policy would refuse it, with an error in every console. */
const ownHostOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  if (!(c.res.headers.get('content-type') ?? '').startsWith('text/html')) return;
  const page = await c.res.text();
  c.res = new Response(page.replaceAll(FOREIGN_LINK, ''), c.res);
};

const boardHeaders = secureHeaders({
  strictTransportSecurity: false,
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'self'"],
    frameAncestors: ["'none'"],
  },
});
