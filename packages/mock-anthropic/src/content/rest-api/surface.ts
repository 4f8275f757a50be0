import type { Draft } from '../kit.ts';
import type { Objective } from '../objective.ts';

/** `src/routes.js`: the HTTP interface over the store. */
export const routesFile = (objective: Objective): Draft => {
  const { noun, wants } = objective;
  const guard = wants.auth
    ? `    if (token !== undefined && request.headers.authorization !== 'Bearer ' + token) {
      return send(response, 401, { error: 'a valid bearer token is required' });
    }
`
    : '';
  return {
    path: 'src/routes.js',
    content: `import { validate${noun.One} } from './validation.js';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_PAGE = 100;

const send = (response, status, body) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(text);
};

class BadRequest extends Error {}

const readJson = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BadRequest('the body is larger than 1 MiB');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest('the body is not valid JSON');
  }
};

const wholeNumber = (text, fallback, max) => {
  if (text === null) return fallback;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new BadRequest('limit and offset must be whole numbers');
  return Math.min(number, max);
};

/**
 * The request handler of the ${noun.one} API.
 * @param {{ store: ReturnType<import('./store.js').create${noun.One}Store>${wants.auth ? ', token?: string' : ''} }} deps
 */
export function createHandler({ store${wants.auth ? ', token' : ''} }) {
  const collection = {
    async GET(request, response, url) {
      const limit = wholeNumber(url.searchParams.get('limit'), 50, MAX_PAGE);
      const offset = wholeNumber(url.searchParams.get('offset'), 0, Number.MAX_SAFE_INTEGER);
      send(response, 200, await store.list({ limit, offset, search: url.searchParams.get('search') ?? '' }));
    },
    async POST(request, response) {
      const { value, errors } = validate${noun.One}(await readJson(request));
      if (errors.length > 0) return send(response, 400, { error: 'invalid ${noun.one}', errors });
      const created = await store.create(value);
      response.setHeader('location', '/${noun.slug}/' + created.id);
      send(response, 201, created);
    },
  };

  const notFound = (response) => send(response, 404, { error: 'no such ${noun.one}' });
  const single = {
    async GET(request, response, id) {
      const found = await store.get(id);
      if (found === undefined) return notFound(response);
      send(response, 200, found);
    },
    async PATCH(request, response, id) {
      const { value, errors } = validate${noun.One}(await readJson(request), { partial: true });
      if (errors.length > 0) return send(response, 400, { error: 'invalid ${noun.one}', errors });
      const changed = await store.update(id, value);
      if (changed === undefined) return notFound(response);
      send(response, 200, changed);
    },
    async DELETE(request, response, id) {
      if (!(await store.remove(id))) return notFound(response);
      response.writeHead(204).end();
    },
  };

  const route = async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/health') return send(response, 200, { status: 'ok' });
${guard}    const [root, id, ...rest] = url.pathname.split('/').filter((part) => part !== '');
    if (root !== '${noun.slug}' || rest.length > 0) return send(response, 404, { error: 'no such route' });
    const methods = id === undefined ? collection : single;
    const method = methods[request.method];
    if (method === undefined) {
      response.setHeader('allow', Object.keys(methods).join(', '));
      return send(response, 405, { error: 'method not allowed' });
    }
    await method(request, response, id === undefined ? url : id);
  };

  return async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      if (error instanceof BadRequest) return send(response, 400, { error: error.message });
      if (error.name === 'ConflictError') return send(response, 409, { error: error.message });
      console.error(error);
      send(response, 500, { error: 'internal error' });
    }
  };
}
`,
  };
};

/** `src/server.js`: puts the pieces together and listens when started directly. */
export const serverFile = (objective: Objective): Draft => {
  const { noun, wants } = objective;
  return {
    path: 'src/server.js',
    content: `import http from 'node:http';
import { pathToFileURL } from 'node:url';
import { createHandler } from './routes.js';
import { create${noun.One}Store } from './store.js';

/** ${objective.title.replaceAll('*/', '')}. */
export function createServer({ store = create${noun.One}Store()${wants.auth ? ', token = process.env.API_TOKEN' : ''} } = {}) {
  return http.createServer(createHandler({ store${wants.auth ? ', token' : ''} }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const port = Number(process.env.PORT ?? 3000);
  createServer().listen(port, () => console.log('Listening on http://localhost:' + port + '/${noun.slug}'));
}
`,
  };
};
