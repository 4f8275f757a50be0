import type { Principal } from '@claude-flow/api/auth/principal';
import type { AppEnv } from '@claude-flow/api/http/app-env';
import { ApiError } from '@claude-flow/api/http/errors/api-error';
import { isText } from '@claude-flow/api/http/middleware/body';
import type { Context, MiddlewareHandler, Next } from 'hono';
import type { HeadlessCoordinator } from './coordinator.ts';
import { withinLimit } from './create-swarm.ts';
import { type CallKind, type HttpCalls, HttpRefusal } from './http-calls.ts';
import type { AgentWish, SwarmWish, TaskWish } from './wishes.ts';

export interface FrontDeps {
  calls: HttpCalls;
  coordinator(): HeadlessCoordinator;
  /** Would the route let this caller write, in this swarm where one is named? */
  mayWrite(principal: Principal, swarmId: string | undefined): Promise<boolean>;
  /** Routes of the program's own. */
  answer(request: () => Promise<Request>): Promise<Response | undefined>;
  metricsOn: boolean;
  /** What all parts of this process have measured. */
  measurements(): Promise<string>;
  /** A sentence while no new swarm is taken. */
  closed(): string | undefined;
}

type Body = Record<string, unknown>;
const CREATED = 201;
/** Seconds. */
const ASK_AGAIN = 5;

/** Has HTTP requests go through the program's coordinator and its own routes. */
export function createFront(deps: FrontDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { method, path } = c.req;
    if (path === '/metrics' && !deps.metricsOn) {
      throw new ApiError('route_not_found', 'This server measures nothing (ENABLE_METRICS=false).');
    }
    const own = await deps.answer(() => copyOf(c));
    if (own !== undefined) return own;
    if (path === '/metrics') return measured(deps, c, next);
    const kind = method === 'POST' ? kindOf(path) : undefined;
    const sent = kind === undefined ? undefined : await objectOf(c);
    if (kind === undefined || sent === undefined) return next();
    const swarmId = kind === 'createSwarm' ? undefined : path.split('/')[3];
    const principal = c.get('principal');
    // The program's own methods may do anything: they are not called for those whom the route refuses.
    if (principal === undefined || !(await deps.mayWrite(principal, swarmId))) return next();
    if (kind === 'createSwarm') {
      const sentence = deps.closed();
      if (sentence !== undefined)
        throw new ApiError('redis_unavailable', sentence, { retryAfter: ASK_AGAIN });
    }
    return wrapped(deps, c, next, { kind, sent, swarmId: swarmId ?? '' });
  };
}

/** Whoever may see the API's own measurements sees those of the whole process. */
async function measured(deps: FrontDeps, c: Context<AppEnv>, next: Next): Promise<void> {
  await next();
  if (c.res.ok) c.res = new Response(await deps.measurements(), c.res);
}

function kindOf(path: string): CallKind | undefined {
  if (path === '/api/swarm/create') return 'createSwarm';
  const [, found] = /^\/api\/swarm\/[^/]+\/(tasks|agents)$/.exec(path) ?? [];
  if (found === undefined) return undefined;
  return found === 'tasks' ? 'createTask' : 'spawnAgent';
}

interface Sent {
  body: Body;
  /** Written anew, to be compared. */
  text: string;
}

/** The JSON object that was sent; anything else, and what is nested too deep to be written, is the route's to refuse. */
async function objectOf(c: Context<AppEnv>): Promise<Sent | undefined> {
  try {
    if (!(await isText(c))) return undefined;
    const body: unknown = JSON.parse(await c.req.text());
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    return isObject ? { body: body as Body, text: JSON.stringify(body) } : undefined;
  } catch {
    return undefined;
  }
}

async function wrapped(
  deps: FrontDeps,
  c: Context<AppEnv>,
  next: Next,
  { kind, sent, swarmId }: { kind: CallKind; sent: Sent; swarmId: string },
): Promise<Response | undefined> {
  const coordinator = deps.coordinator();
  const { body } = sent;
  const proceed = async (wish: Body): Promise<Body> => {
    const limited = kind === 'createSwarm' ? withinLimit(wish, coordinator.config.maxAgentsPerSwarm) : {};
    const text = JSON.stringify({ ...wish, ...limited });
    if (text !== sent.text) replaceBody(c, text);
    await next();
    return answerOf(c.res);
  };
  const run = () => {
    // A coordinator that counts by strategy is given the one that holds.
    if (kind === 'createSwarm') return coordinator.createSwarm({ strategy: 'auto', ...body } as SwarmWish);
    if (kind === 'createTask') return coordinator.createTask(swarmId, body as unknown as TaskWish);
    return coordinator.spawnAgent(swarmId, body as unknown as AgentWish);
  };
  try {
    const { answer, proceeded } = await deps.calls.run({ kind, proceed }, run as () => Promise<unknown>);
    return proceeded ? undefined : Response.json(answer, { status: CREATED });
  } catch (error) {
    // The route's own answer stands.
    if (error instanceof HttpRefusal) return undefined;
    throw error;
  }
}

/** The request once more; JSON was read and is kept by then, other bodies were not. */
async function copyOf(c: Context<AppEnv>): Promise<Request> {
  const { raw } = c.req;
  if (!raw.bodyUsed) return raw.clone();
  return new Request(raw.url, { method: raw.method, headers: raw.headers, body: await c.req.text() });
}

/** What an override changed is what the route reads. */
function replaceBody(c: Context<AppEnv>, text: string): void {
  const { url, method } = c.req.raw;
  const headers = new Headers(c.req.raw.headers);
  headers.delete('content-length');
  c.req.raw = new Request(url, { method, headers, body: text });
  c.req.bodyCache = {};
}

async function answerOf(response: Response): Promise<Body> {
  const body = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Body;
  if (response.ok)
    return { ...body, ...(typeof body['swarmId'] === 'string' ? { id: body['swarmId'] } : {}) };
  const { message, code } = body as { message?: string; code?: string };
  throw new HttpRefusal(response.status, message ?? `The request was refused (${response.status}).`, code);
}
