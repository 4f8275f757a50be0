import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createLedger, type Ledger } from '@claude-flow/core/store/ledger';
import type { TestRedis } from '@claude-flow/testing/redis';
import { loadApiConfig } from '../src/config/config.ts';
import { type ApiHost, type RunningApi, startApi } from '../src/start-api.ts';
import { expectDescribed } from './described.ts';

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  json: any;
}

export interface CallOptions {
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  headers?: Record<string, string>;
  key?: string;
}

export interface TestApi {
  api: RunningApi;
  call(path: string, options?: CallOptions): Promise<Answer>;
  post(path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
}

/** A real server on a free port. It says nothing unless TEST_API_LOG is set. */
export async function startTestApi(
  redis: Pick<TestRedis, 'url' | 'prefix'>,
  env: Record<string, string> = {},
  host: ApiHost = {},
): Promise<TestApi> {
  const config = loadApiConfig({ REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix, PORT: '0', ...env });
  const log = createLogger({ service: 'api', level: process.env['TEST_API_LOG'] ?? 'silent' });
  const api = await startApi(config, log, host);

  const call = async (path: string, options: CallOptions = {}): Promise<Answer> => {
    const { body, raw, key } = options;
    const content = body === undefined ? raw : JSON.stringify(body);
    const response = await fetch(`${api.url}${path}`, {
      method: options.method ?? 'GET',
      redirect: 'manual',
      ...(content === undefined ? {} : { body: content }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...options.headers,
      },
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const json = isJson && text !== '' ? JSON.parse(text) : undefined;
    const { status, headers } = response;
    const contentType = headers.get('content-type') ?? '';
    expectDescribed(options.method ?? 'GET', path, { status, contentType, json });
    return { status, headers, text, json };
  };
  return {
    api,
    call,
    post: (path, body, options) => call(path, { method: 'POST', body, ...options }),
  };
}

/** The ledger itself, for tests that make or look at states without the API. */
export async function openLedger(redis: TestRedis): Promise<Ledger> {
  const connection = await connectRedis({ url: redis.url, name: 'api-test', mode: 'patient' });
  return createLedger({ redis: connection, prefix: redis.prefix });
}
