import Anthropic from '@anthropic-ai/sdk';
import type { Rule } from '../control/rules.ts';
import type { RequestRecord, Stats } from '../control/stats.ts';
import type { MockAnthropic, MockAnthropicOptions } from '../server.ts';
import { startMockAnthropic } from '../server.ts';

export const MODEL = 'claude-sonnet-5-5';
/** From before thinking was bound to the conversation. */
export const OLDER_MODEL = 'claude-sonnet-4-6';

/** For conditions that come about within milliseconds on an idle machine. */
export const SOON = { timeout: 5000 };

export type Harness = {
  server: MockAnthropic;
  client: Anthropic;
  rules: (...rules: Rule[]) => Promise<void>;
  stats: () => Promise<ReturnType<Stats['snapshot']>>;
  requests: () => Promise<RequestRecord[]>;
  /** A raw call, for what the SDK would not send. */
  post: (body: unknown, headers?: Record<string, string>, path?: string) => Promise<Response>;
};

const HEADERS = {
  authorization: 'Bearer test',
  'anthropic-version': '2026-10-21',
  'content-type': 'application/json',
};

/** A server of its own and a real SDK client that does not retry. */
export const startHarness = async (options: MockAnthropicOptions = {}): Promise<Harness> => {
  const server = await startMockAnthropic(options);
  const client = new Anthropic({ apiKey: 'test', baseURL: server.url, maxRetries: 0, logLevel: 'off' });
  const json = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
  return {
    server,
    client,
    rules: async (...rules) => {
      const response = await fetch(`${server.url}/_mock/scenario`, {
        method: 'POST',
        body: JSON.stringify({ rules }),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    stats: async () => (await json('/_mock/stats')) as ReturnType<Stats['snapshot']>,
    requests: async () => ((await json('/_mock/requests')) as { requests: RequestRecord[] }).requests,
    post: (body, headers = {}, path = '/v1/messages') =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { ...HEADERS, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
};

/** What a promise was rejected with. @throws when it was not */
export const failureOf = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('This call should have failed.');
};
