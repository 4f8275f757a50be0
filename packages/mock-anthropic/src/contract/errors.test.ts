import Anthropic, * as sdk from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Harness } from './harness.ts';
import { failureOf, MODEL, SOON, startHarness } from './harness.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());
beforeEach(async () => {
  await fetch(`${h.server.url}/_mock/reset`, { method: 'POST' });
});

const hello = { model: MODEL, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };

const TABLE = [
  [400, sdk.BadRequestError, 'invalid_request_error'],
  [401, sdk.AuthenticationError, 'authentication_error'],
  [402, sdk.PaymentRequiredError, 'billing_error'],
  [403, sdk.PermissionDeniedError, 'permission_error'],
  [404, sdk.NotFoundError, 'not_found_error'],
  [408, sdk.RequestTimeoutError, 'timeout_error'],
  [409, sdk.ConflictError, 'conflict_error'],
  [413, sdk.ContentTooLargeError, 'request_too_large'],
  [429, sdk.RateLimitError, 'rate_limit_error'],
  [500, sdk.InternalServerError, 'api_error'],
  [503, sdk.ServiceUnavailableError, 'api_error'],
  [504, sdk.GatewayTimeoutError, 'timeout_error'],
  [529, sdk.OverloadedError, 'overloaded_error'],
] as const;

describe('scripted statuses', () => {
  for (const [status, errorClass, type] of TABLE) {
    test(`${status} arrives as ${errorClass.name}`, async () => {
      await h.rules({ respond: { status, retryAfterSeconds: 7 } });
      for (const call of [h.client.messages.create(hello), h.client.messages.stream(hello).finalMessage()]) {
        const error = await failureOf(call);
        expect(error).toBeInstanceOf(errorClass);
        if (!(error instanceof sdk.APIError)) return;
        expect(error).toMatchObject({ status, type });
        expect(error.requestID).toMatch(/^req_sim_/);
        expect(error.error).toMatchObject({ request_id: error.requestID });
        expect(error.headers?.get('retry-after')).toBe('7');
      }
    });
  }
});

describe('errors of its own', () => {
  test('no key: 401; no version or an unknown one: 400; both with the request id in the body', async () => {
    const url = `${h.server.url}/v1/messages`;
    const body = JSON.stringify(hello);
    const answers = [
      [401, await fetch(url, { method: 'POST', body, headers: { 'anthropic-version': '2026-10-21' } })],
      [400, await fetch(url, { method: 'POST', body, headers: { 'x-api-key': 'k' } })],
      [400, await h.post(hello, { 'anthropic-version': '2020-01-01' })],
    ] as const;
    for (const [status, response] of answers) {
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({
        type: 'error',
        request_id: response.headers.get('request-id'),
      });
    }
  });

  test('an unknown model or path: 404', async () => {
    expect(await failureOf(h.client.messages.create({ ...hello, model: 'claude-nobody' }))).toMatchObject({
      status: 404,
      type: 'not_found_error',
      apiMessage: 'model: claude-nobody',
    });
    expect(await failureOf(h.client.models.retrieve('claude-nobody'))).toBeInstanceOf(sdk.NotFoundError);
    expect((await h.post({}, {}, '/v1/nothing')).status).toBe(404);
  });

  test('a body above 32 MB: 413, once it was read', async () => {
    const content = 'x'.repeat(33 * 1024 * 1024);
    const error = await failureOf(
      h.client.messages.create({ ...hello, messages: [{ role: 'user', content }] }),
    );
    expect(error).toBeInstanceOf(sdk.ContentTooLargeError);
    expect((await h.stats()).inFlight).toBe(0);
  });

  test('rate limits of its own: 429 with the time to wait', async () => {
    const tight = await startHarness({ rateLimits: { requests: 2 } });
    try {
      const first = await tight.client.messages.create(hello).withResponse();
      expect(first.response.headers.get('anthropic-ratelimit-requests-limit')).toBe('2');
      expect(first.response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('1');
      await tight.client.messages.create(hello);
      const error = await failureOf(tight.client.messages.create(hello));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      const wait = error instanceof sdk.APIError ? Number(error.headers?.get('retry-after')) : 0;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(30);
    } finally {
      await tight.server.close();
    }
  });
});

describe('broken connections', () => {
  test('an error in the middle of a stream', async () => {
    await h.rules({ respond: { streamError: 'overloaded_error' }, times: 1 });
    const stream = h.client.messages.stream(hello);
    let started = false;
    stream.on('streamEvent', () => {
      started = true;
    });
    const error = await failureOf(stream.finalMessage());
    expect(started).toBe(true);
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(error).toMatchObject({ status: undefined, type: 'overloaded_error' });
    expect((await h.stats()).completed).toBe(0);
  });

  test('a connection cut after so many bytes, streamed or not', async () => {
    await h.rules({ respond: { cutAfterBytes: 700 } });
    const raw = await h.post({ ...hello, stream: true });
    let bytes = 0;
    const cut = await failureOf(
      (async () => {
        for await (const chunk of raw.body ?? []) bytes += chunk.length;
      })(),
    );
    expect(cut).toBeInstanceOf(Error);
    expect(bytes).toBe(700);
    expect(await failureOf(h.client.messages.stream(hello).finalMessage())).toBeInstanceOf(
      sdk.AnthropicError,
    );
    await h.rules({ respond: { cutAfterBytes: 20 } });
    expect(await failureOf(h.client.messages.create(hello))).toBeInstanceOf(Error);
    expect(await h.stats()).toMatchObject({ completed: 0, inFlight: 0 });
  });

  test('a call that never answers ends with the time limit of the client', async () => {
    await h.rules({ respond: { hang: true }, times: 1 });
    const error = await failureOf(h.client.messages.create(hello, { timeout: 100 }));
    expect(error).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    await expect.poll(async () => (await h.stats()).inFlight, SOON).toBe(0);
  });

  test('a stream without end goes on until the client has had enough', async () => {
    await h.rules({ respond: { endless: true, text: 'On and on.' }, times: 1 });
    const raw = await h.post({ ...hello, stream: true });
    let bytes = 0;
    for await (const chunk of raw.body ?? []) {
      bytes += chunk.length;
      if (bytes > 2 ** 20) break;
    }
    expect(bytes).toBeGreaterThan(2 ** 20);
    await expect.poll(async () => (await h.stats()).inFlight, SOON).toBe(0);
    expect((await h.requests())[0]).toMatchObject({ outcome: 'aborted' });
    expect((await h.stats()).completed).toBe(0);
  });

  test('529 twice, then it works: a client that tries again gets its answer', async () => {
    await h.rules({ respond: { status: 529 }, times: 2 });
    const patient = new Anthropic({ apiKey: 'test', baseURL: h.server.url, maxRetries: 2, logLevel: 'off' });
    const answer = await patient.messages.create(hello);
    expect(answer.stop_reason).toBe('end_turn');
    expect(await h.stats()).toMatchObject({ calls: 3, completed: 1, repeatedPrefixes: 0 });
    expect((await h.requests()).map((request) => request.status)).toEqual([200, 529, 529]);
  });

  test('closing the server ends calls that hang', async () => {
    const own = await startHarness();
    await own.rules({ respond: { hang: true } });
    const failure = failureOf(own.client.messages.create(hello));
    await expect.poll(async () => (await own.stats()).inFlight, SOON).toBe(1);
    await own.server.close();
    expect(await failure).toBeInstanceOf(sdk.APIConnectionError);
  });
});
