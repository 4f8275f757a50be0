import { type Context, Hono } from 'hono';

/** A request as handlers in Express's manner see it. */
export interface RouteRequest {
  method: string;
  path: string;
  url: string;
  params: Record<string, string>;
  query: Record<string, string>;
  /** The JSON that was sent; undefined without one. */
  body: unknown;
  headers: Record<string, string>;
  get(name: string): string | undefined;
}

/** The response, for handlers with two parameters, in the manner of Express. */
export interface RouteResponse {
  status(code: number): RouteResponse;
  set(name: string, value: string): RouteResponse;
  type(contentType: string): RouteResponse;
  send(body?: unknown): void;
  json(body: unknown): void;
  end(body?: string): void;
}

/** `(req, res)` responds through `res`; with one parameter or none, what it returns is the response. */
export type RouteHandler = (req: RouteRequest, res: RouteResponse) => unknown;

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * Routes of your own. They take precedence over those of the API, and need a key where the API needs one. In the examples, `app`
 * is `system.apiServer.app`.
 * @example
 * app.get('/hello/:name', (req, res) => res.json({ hello: req.params['name'] }));
 */
export interface OwnRoutes {
  /**
   * Adds a route for GET.
   * @example
   * app.get('/version', () => ({ version: 1 }));
   */
  get(path: string, handler: RouteHandler): void;
  /**
   * Adds a route for POST.
   * @example
   * app.post('/orders', (req, res) => res.status(201).json(req.body));
   */
  post(path: string, handler: RouteHandler): void;
  /**
   * Adds a route for PUT.
   * @example
   * app.put('/orders/:id', (req) => ({ id: req.params['id'] }));
   */
  put(path: string, handler: RouteHandler): void;
  /**
   * Adds a route for PATCH.
   * @example
   * app.patch('/orders/:id', (req) => ({ id: req.params['id'] }));
   */
  patch(path: string, handler: RouteHandler): void;
  /**
   * Adds a route for DELETE.
   * @example
   * app.delete('/orders/:id', (_req, res) => res.status(204).end());
   */
  delete(path: string, handler: RouteHandler): void;
}

const MISSED = 'x-claude-flow-missed';

export function createOwnRoutes(): {
  routes: OwnRoutes;
  answer(request: () => Promise<Request>): Promise<Response | undefined>;
} {
  const added: { method: Method; path: string; handler: RouteHandler }[] = [];
  let app: Hono | undefined;

  const build = () => {
    const fresh = new Hono();
    // The API's own error answers say it, without the details.
    fresh.onError((error) => {
      throw error;
    });
    fresh.notFound((c) => c.body(null, 404, { [MISSED]: '1' }));
    for (const { method, path, handler } of added) fresh[method](path, (c) => run(handler, c));
    return fresh;
  };
  const add = (method: Method) => (path: string, handler: RouteHandler) => {
    added.push({ method, path, handler });
    // A router that has answered takes no more routes.
    app = undefined;
  };
  return {
    routes: {
      get: add('get'),
      post: add('post'),
      put: add('put'),
      patch: add('patch'),
      delete: add('delete'),
    },
    async answer(request) {
      if (added.length === 0) return undefined;
      app ??= build();
      const response = await app.fetch(await request());
      return response.headers.has(MISSED) ? undefined : response;
    },
  };
}

async function run(handler: RouteHandler, c: Context): Promise<Response> {
  const text = ['GET', 'HEAD'].includes(c.req.method) ? '' : await c.req.text();
  const request: RouteRequest = {
    method: c.req.method,
    path: c.req.path,
    url: c.req.url,
    params: c.req.param() as Record<string, string>,
    query: c.req.query(),
    body: parsed(text),
    headers: c.req.header(),
    get: (name) => c.req.header(name),
  };
  if (handler.length >= 2) return byResponse(handler, request);
  const answer = await (handler as (req: RouteRequest) => unknown)(request);
  return answer instanceof Response ? answer : toResponse(answer, 200, new Headers());
}

async function byResponse(
  handler: (req: RouteRequest, res: RouteResponse) => unknown,
  request: RouteRequest,
): Promise<Response> {
  const headers = new Headers();
  let status = 200;
  let finish: (response: Promise<Response>) => void = () => {};
  const answered = new Promise<Response>((resolve) => {
    finish = resolve;
  });
  const response: RouteResponse = {
    status(code) {
      status = code;
      return response;
    },
    set(name, value) {
      headers.set(name, value);
      return response;
    },
    type: (contentType) => response.set('Content-Type', contentType),
    send: (body) => finish(Promise.resolve(body).then((value) => toResponse(value, status, headers))),
    json: (body) => finish(Promise.resolve(Response.json(body, { status, headers }))),
    end: (body) => finish(Promise.resolve(new Response(body ?? null, { status, headers }))),
  };
  const failed = Promise.resolve(handler(request, response)).then(
    () => new Promise<never>(() => {}),
    (error: unknown) => Promise.reject(error),
  );
  return Promise.race([answered, failed]);
}

function toResponse(value: unknown, status: number, headers: Headers): Response {
  if (value === undefined || value === null) return new Response(null, { status, headers });
  if (typeof value !== 'string') return Response.json(value, { status, headers });
  if (!headers.has('Content-Type')) headers.set('Content-Type', 'text/plain; charset=utf-8');
  return new Response(value, { status, headers });
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
