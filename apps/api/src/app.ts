import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { addApiRoutes } from './api-routes.ts';
import type { AppEnv } from './app-env.ts';
import { addQueueBoard } from './board/queue-board.ts';
import type { ApiDeps } from './deps.ts';
import { addErrorAnswers, answerError } from './errors/answer.ts';
import { ApiError } from './errors/api-error.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limit } from './middleware/limit.ts';
import { observe } from './middleware/observe.ts';
import { crossOrigin, securityHeaders } from './middleware/security.ts';
import { refuseInvalid } from './middleware/validation.ts';
import type { App } from './routes/add-routes.ts';

/** A request body may be this large, in bytes: room for a graph of some thousand tasks. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The whole front door: call it with `app.request()`, or serve it. */
export function createApp(deps: ApiDeps): App {
  const app: App = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid });
  addErrorAnswers(app, deps.log);

  app.use(requestId());
  app.use(observe(deps));
  app.use(securityHeaders());
  app.use(crossOrigin(deps.config.corsOrigins));
  app.use(
    methodNotAllowed<AppEnv>({
      app,
      onMethodNotAllowed: (c, methods) => {
        const Allow = methods.join(', ');
        const message = `${c.req.method} is not possible here; ${Allow} is.`;
        return answerError(c, deps.log, new ApiError('method_not_allowed', message, { headers: { Allow } }));
      },
    }),
  );
  app.use(authenticate(deps));
  if (deps.config.limits) app.use(limit(deps.ledger, deps.config.limits, deps.config.auth.enabled));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        // What is left of the body is not read, so that the connection cannot serve another request.
        const headers = { Connection: 'close' };
        const message = `A request body may have at most ${MAX_BODY_BYTES} bytes.`;
        throw new ApiError('body_too_large', message, { headers });
      },
    }),
  );

  if (deps.front) app.use(deps.front);
  addApiRoutes(app, deps);
  addQueueBoard(app, deps);
  return app;
}
