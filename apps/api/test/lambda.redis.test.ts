import { randomUUID } from 'node:crypto';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLedger } from '@claude-flow/core/store/ledger';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import type { LambdaEvent } from 'hono/aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LambdaApi, startLambdaApi } from '../src/lambda.ts';

const KEY = 'a-key-of-the-lambda-tests';
const ORIGIN = 'https://app.example';

interface Wish {
  method?: string;
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** As API Gateway's REST APIs send it (payload 1.0). */
function v1({ method = 'GET', path, query, body, headers = {} }: Wish): LambdaEvent {
  const all = { Host: 'abc.execute-api.eu-west-1.amazonaws.com', 'X-API-Key': KEY, ...headers };
  const event = {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: body === undefined ? all : { ...all, 'Content-Type': 'application/json' },
    multiValueHeaders: Object.fromEntries(
      Object.entries(body === undefined ? all : { ...all, 'Content-Type': 'application/json' }).map(
        ([name, value]) => [name, [value]],
      ),
    ),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters:
      query === undefined
        ? null
        : Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      domainName: 'abc.execute-api.eu-west-1.amazonaws.com',
      httpMethod: method,
      identity: { sourceIp: '203.0.113.7', userAgent: 'test' },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: randomUUID(),
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
  };
  return event as unknown as LambdaEvent;
}

/** As API Gateway's HTTP APIs and function URLs send it (payload 2.0). */
function v2({ method = 'GET', path, query = {}, body, headers = {} }: Wish, stage = '$default'): LambdaEvent {
  const rawPath = stage === '$default' ? path : `/${stage}${path}`;
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {
      host: 'abc.execute-api.eu-west-1.amazonaws.com',
      'x-api-key': KEY,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    queryStringParameters: query,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc',
      domainName: 'abc.execute-api.eu-west-1.amazonaws.com',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'test' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage,
      time: '23/Nov/2026:07:00:00 +0000',
      timeEpoch: 1_795_000_000_000,
    },
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)).toString('base64'),
    isBase64Encoded: body !== undefined,
  };
  return event as unknown as LambdaEvent;
}

let redis: TestRedis;
let api: LambdaApi;
beforeAll(async () => {
  redis = await startTestRedis();
  const variables = { REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, LOG_LEVEL: 'silent' };
  const auth = { AUTH_ENABLED: 'true', API_KEYS: KEY, CORS_ORIGINS: ORIGIN };
  api = await startLambdaApi({ ...variables, ...auth }, { streamMs: 500 });
});
afterAll(async () => {
  await api?.close();
  await redis?.stop();
});

async function call(event: LambdaEvent) {
  const { statusCode, body, headers, multiValueHeaders, isBase64Encoded } = await api.invoke(event);
  const header = (name: string) => headers?.[name] ?? multiValueHeaders?.[name]?.[0];
  const json = /json/.test(header('content-type') ?? '') ? JSON.parse(body) : undefined;
  return { status: statusCode, body, json, header, isBase64Encoded };
}

const OBJECTIVE = 'Build a REST API for user management';

describe.each([
  ['payload 1.0', v1],
  ['payload 2.0', (wish: Wish) => v2(wish)],
  ['payload 2.0 of a named stage', (wish: Wish) => v2(wish, 'prod')],
])('%s', (_name, event) => {
  test('health, without a key', async () => {
    const answer = await call(event({ path: '/api/health', headers: { 'x-api-key': '', 'X-API-Key': '' } }));
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ status: 'healthy', service: 'claude-flow-headless-api' });
    expect(answer.isBase64Encoded).toBe(false);
  });

  test('create, start, read, with a query', async () => {
    const created = await call(
      event({ method: 'POST', path: '/api/swarm/create', body: { objective: OBJECTIVE, maxAgents: 2 } }),
    );
    expect(created.status).toBe(201);
    const { swarmId } = created.json;
    const started = await call(event({ method: 'POST', path: `/api/swarm/${swarmId}/start` }));
    expect([started.status, started.json.status]).toEqual([200, 'executing']);
    const page = await call(
      event({ path: `/api/swarm/${swarmId}/events`, query: { after: '0', limit: '1' } }),
    );
    expect(page.json.events).toMatchObject([{ eventType: 'swarm.created', seq: 1 }]);
    // What a worker elsewhere will find.
    const connection = await connectRedis({ url: redis.url, name: 'lambda-test', mode: 'patient' });
    const ledger = createLedger({ redis: connection, prefix: redis.prefix });
    expect(await connection.hget(ledger.keys.swarm(swarmId, 'meta'), 'objective')).toBe(OBJECTIVE);
    connection.disconnect();
  });

  test('an event stream ends before the gateway would cut it, with whole messages', async () => {
    const { json } = await call(
      event({ method: 'POST', path: '/api/swarm/create', body: { objective: OBJECTIVE } }),
    );
    const stream = await call(
      event({ path: `/api/swarm/${json.swarmId}/events`, headers: { accept: 'text/event-stream' } }),
    );
    expect(stream.status).toBe(200);
    expect(stream.header('content-type')).toContain('text/event-stream');
    expect(stream.isBase64Encoded).toBe(false);
    expect(stream.body).toMatch(/^retry: \d+\n\n/);
    expect(stream.body).toContain('event: swarm.created\n');
    expect(stream.body.endsWith('\n\n')).toBe(true);
  });

  test('refusals: no key, unknown path, bad body, WebSocket', async () => {
    const noKey = await call(event({ path: '/api/swarms', headers: { 'x-api-key': '', 'X-API-Key': '' } }));
    expect([noKey.status, noKey.json.error]).toEqual([401, 'Authentication required']);
    expect((await call(event({ path: '/nothing/here' }))).json).toMatchObject({ code: 'route_not_found' });
    expect((await call(event({ path: '/nothing/here' }))).status).toBe(404);
    const bad = await call(
      event({ method: 'POST', path: '/api/swarm/create', body: { objective: 'short' } }),
    );
    expect([bad.status, bad.json.details[0].field]).toEqual([400, 'objective']);
    const socket = await call(
      event({ path: '/ws', headers: { connection: 'upgrade', upgrade: 'websocket' } }),
    );
    expect([socket.status, socket.json.code]).toEqual([501, 'websocket_unsupported']);
  });

  test('CORS: the origins of CORS_ORIGINS, and a preflight without a key', async () => {
    const from = (origin: string) => call(event({ path: '/api/health', headers: { origin } }));
    expect((await from(ORIGIN)).header('access-control-allow-origin')).toBe(ORIGIN);
    expect((await from('https://evil.example')).header('access-control-allow-origin')).toBeUndefined();
    const preflight = await call(
      event({
        method: 'OPTIONS',
        path: '/api/swarm/create',
        headers: {
          origin: ORIGIN,
          'access-control-request-method': 'POST',
          'x-api-key': '',
          'X-API-Key': '',
        },
      }),
    );
    expect(preflight.status).toBe(204);
    expect(preflight.header('access-control-allow-headers')).toContain('X-API-Key');
  });
});

test('the exported handler starts once, again after a failed start, and serves from the environment', async () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, {
      REDIS_PREFIX: redis.prefix,
      LOG_LEVEL: 'silent',
      PORT: '3000',
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    const { handler } = await import('../src/lambda.ts');
    await expect(handler(v1({ path: '/api/health' }))).rejects.toThrow('Redis cannot be reached');
    process.env['REDIS_URL'] = redis.url;
    const answers = await Promise.all([1, 2, 3].map(() => handler(v1({ path: '/api/health' }))));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const connection = await connectRedis({ url: redis.url, name: 'lambda-test', mode: 'patient' });
    const clients = String(await connection.client('LIST'));
    connection.disconnect();
    // That of this file's other instance, and one more for all three invocations.
    expect(clients.match(/name=claude-flow-api-ledger/g)).toHaveLength(2);
  } finally {
    process.env = before;
  }
});
