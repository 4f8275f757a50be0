import { errorText } from '@claude-flow/core/runtime/error-record';
import { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { requireAccess } from './routes/access.ts';
import { mountControl } from './routes/control.ts';
import type { App, AppContext, AppEnv } from './routes/env.ts';
import { handleMessages } from './routes/messages.ts';
import { handleCountTokens, handleListModels, handleRetrieveModel } from './routes/other-v1.ts';
import { ApiError, asStatus, errorBody } from './wire/errors.ts';
import { newRequestId } from './wire/ids.ts';

const respondError = (c: AppContext, error: ApiError): Response => {
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
  return c.json(errorBody(error.type, error.message, c.get('requestId')), asStatus(error.status));
};

/** All routes; every response carries `request-id`, every error the same id in its body. */
export const createApp = (deps: Deps): App => {
  const app = new Hono<AppEnv>();
  app.use('*', async (c, next) => {
    const id = newRequestId();
    c.set('requestId', id);
    c.header('request-id', id);
    await next();
  });
  app.onError((error, c) => {
    if (error instanceof ApiError) return respondError(c, error);
    process.stderr.write(`${errorText(error)}\n`);
    return respondError(c, new ApiError(500));
  });
  app.notFound((c) => respondError(c, new ApiError(404, `${c.req.method} ${c.req.path} does not exist.`)));

  app.get('/livez', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) =>
    c.json({ status: deps.closing.aborted ? 'closing' : 'ok' }, deps.closing.aborted ? 503 : 200),
  );
  mountControl(app, deps);

  app.use('/v1/*', requireAccess);
  app.post('/v1/messages', (c) => handleMessages(c, deps));
  app.post('/v1/messages/count_tokens', handleCountTokens);
  app.get('/v1/models', handleListModels);
  app.get('/v1/models/:id', handleRetrieveModel);
  return app;
};
