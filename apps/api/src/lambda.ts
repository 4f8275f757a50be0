import { tellEnvironment } from '@claude-flow/core/runtime/environment-notes';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';
import type { MiddlewareHandler } from 'hono';
import { defaultIsContentTypeBinary, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { loadApiConfig } from './config/config.ts';
import type { App } from './http/add-routes.ts';
import type { AppEnv } from './http/app-env.ts';
import { WS_PATH } from './http/middleware/authenticate.ts';
import { startApi } from './start-api.ts';

/** API Gateway ends a request after 29 s; a stream ends before that, and its client comes back with Last-Event-ID. */
const STREAM_MS = 20_000;

type LambdaAnswer = Awaited<ReturnType<ReturnType<typeof handle>>>;

/** What one Lambda instance keeps between invocations. */
export interface LambdaApi {
  invoke(event: LambdaEvent, context?: LambdaContext): Promise<LambdaAnswer>;
  close(): Promise<void>;
}

/**
 * The API for AWS Lambda, behind API Gateway (HTTP and REST, payloads 1.0 and 2.0): the same app as everywhere, without a
 * server. Swarms run on schedulers and workers elsewhere, over the same Redis.
 * @throws ClaudeFlowError `config_invalid`, `redis_unavailable`
 */
export async function startLambdaApi(
  env: Record<string, string | undefined>,
  { streamMs = STREAM_MS }: { streamMs?: number } = {},
): Promise<LambdaApi> {
  const config = loadApiConfig(env, { entry: 'function' });
  const log = createLogger({ service: 'api', level: config.logLevel });
  tellEnvironment(env, log);
  const api = await startApi(config, log, { front: lambdaFront(streamMs), serve: false });
  const fetch: App['fetch'] = (request, bindings) =>
    api.app.fetch(withoutStage(request, bindings as Bindings), {
      ...bindings,
      ...callerOf(bindings as Bindings),
    });
  const invoke = handle({ fetch } as App, { isContentTypeBinary: isBinary });
  return { invoke: (event, context) => invoke(event, context), close: () => api.close() };
}

interface Bindings {
  event?: { rawPath?: string };
  requestContext?: { stage?: string; http?: { sourceIp?: string }; identity?: { sourceIp?: string } };
}

/** Payload 2.0 has the stage's name in front of the path. */
function withoutStage(request: Request, { event, requestContext }: Bindings = {}): Request {
  const stage = requestContext?.stage ?? '$default';
  const url = new URL(request.url);
  if (event?.rawPath === undefined || stage === '$default' || !url.pathname.startsWith(`/${stage}/`))
    return request;
  url.pathname = url.pathname.slice(stage.length + 1);
  return new Request(url, request);
}

/** Where the app looks for the caller's address, as a server would put it there. */
function callerOf({ requestContext }: Bindings = {}): object {
  const remoteAddress = requestContext?.http?.sourceIp ?? requestContext?.identity?.sourceIp;
  return remoteAddress === undefined ? {} : { incoming: { socket: { remoteAddress } } };
}

const isBinary = (contentType: string) =>
  !contentType.startsWith('text/') && defaultIsContentTypeBinary(contentType);

/** What cannot work in a function that gives one answer: sockets not at all, streams for a while. */
function lambdaFront(streamMs: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.path === WS_PATH) {
      const message =
        'This API runs as a function, which cannot hold a WebSocket. Poll GET /api/swarm/{id}, or read its events as a stream.';
      const problem = {
        type: 'urn:claude-flow:problem:websocket-unsupported',
        title: 'WebSocket is not supported here',
        status: 501,
        detail: message,
        instance: c.req.path,
        code: 'websocket_unsupported',
        requestId: c.get('requestId'),
        error: 'WebSocket is not supported here',
        message,
      };
      return c.body(JSON.stringify(problem), 501, { 'Content-Type': 'application/problem+json' });
    }
    await next();
    const { body } = c.res;
    const streams = c.res.headers.get('content-type')?.startsWith('text/event-stream');
    if (streams && body !== null) c.res = new Response(endedAfter(body, streamMs), c.res);
  };
}

/** The stream up to a moment; what was sent by then is whole messages. */
function endedAfter(body: ReadableStream<Uint8Array>, ms: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<{ done: true; value?: undefined }>((resolve) => {
    timer = setTimeout(() => resolve({ done: true }), timerMs(ms));
  });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await Promise.race([reader.read(), timeUp]);
      if (value !== undefined) controller.enqueue(value);
      if (!done) return;
      clearTimeout(timer);
      controller.close();
      await reader.cancel();
    },
    async cancel(reason) {
      clearTimeout(timer);
      await reader.cancel(reason);
    },
  });
}

/** A failed start is tried again by the next invocation. */
let starting: Promise<LambdaApi> | undefined;

/** The function that AWS calls. */
export async function handler(event: LambdaEvent, context?: LambdaContext): Promise<LambdaAnswer> {
  starting ??= startLambdaApi(process.env).catch((error: unknown) => {
    starting = undefined;
    throw error;
  });
  return (await starting).invoke(event, context);
}
