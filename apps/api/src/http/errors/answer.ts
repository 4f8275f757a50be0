import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Context } from 'hono';
import type { App } from '../add-routes.ts';
import type { AppEnv } from '../app-env.ts';
import { ApiError } from './api-error.ts';
import { toProblem } from './to-problem.ts';

/** Any error as the one problem document. What is our own mistake is logged, with all it knows. */
export function answerError(c: Context<AppEnv>, log: Logger, error: unknown): Response {
  const requestId = c.get('requestId');
  const { problem, headers, unexpected } = toProblem(error, { path: c.req.path, requestId });
  if (unexpected) log.error({ err: error, requestId }, 'A request failed by a mistake of ours');
  return c.body(JSON.stringify(problem), problem.status as 500, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...headers,
  });
}

export function addErrorAnswers(app: App, log: Logger): void {
  app.onError((error, c) => answerError(c, log, error));
  app.notFound((c) => {
    const message = `There is nothing at ${c.req.method} ${c.req.path}. /docs lists what there is.`;
    return answerError(c, log, new ApiError('route_not_found', message));
  });
}
