import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { addApiRoutes } from './api-routes.ts';
import { addQueueBoard } from './board/queue-board.ts';
import type { App } from './http/add-routes.ts';
import type { AppEnv } from './http/app-env.ts';
import type { ApiDeps } from './http/deps.ts';
import { addErrorAnswers, answerError } from './http/errors/answer.ts';
import { ApiError } from './http/errors/api-error.ts';
import { logAccess } from './http/middleware/access.ts';
import { authenticate } from './http/middleware/authenticate.ts';
import { checkBody } from './http/middleware/body.ts';
import { guardFromPages } from './http/middleware/browsers.ts';
import { releaseBodyOfHead } from './http/middleware/head.ts';
import { countHeaders } from './http/middleware/headers.ts';
import { limit } from './http/middleware/limit.ts';
import { observe } from './http/middleware/observe.ts';
import { crossOrigin, securityHeaders } from './http/middleware/security.ts';
import { refuseUnread } from './http/middleware/unread.ts';
import { refuseInvalid } from './http/middleware/validation.ts';

/** The whole front door: call it with `app.request()`, or serve it. */
export function createApp(deps: ApiDeps): App {
  const app: App = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });
  addErrorAnswers(app, deps.log);

  app.use(releaseBodyOfHead());
  app.use(requestId());
  if (deps.accessLog) app.use(logAccess(deps.accessLog, deps));
  app.use(observe(deps));
  app.use(securityHeaders(deps.config));
  app.use(crossOrigin(deps.config.corsOrigins));
  app.use(countHeaders());
  app.use(
    methodNotAllowed<AppEnv>({
      app,
      onMethodNotAllowed: (c, methods) => {
        const Allow = methods.join(', ');
        const message = `${c.req.method} is not possible here; use ${methods.join(' or ')}.`;
        return answerError(c, deps.log, new ApiError('method_not_allowed', message, { headers: { Allow } }));
      },
    }),
  );
  if (!deps.config.auth.enabled) app.use(guardFromPages(deps.config));
  app.use(authenticate(deps));
  app.use(refuseUnread(deps));
  if (deps.config.limits) app.use(limit(deps, deps.config.limits));
  app.use(checkBody());

  if (deps.front) app.use(deps.front);
  addApiRoutes(app, deps);
  addQueueBoard(app, deps);
  return app;
}
