import { describe, expect, it } from 'vitest';
import { hangUp, httpFixture, json } from '../test/http-fixture.ts';
import { ClaudeFlowApiError } from './api-error.ts';
import { ClaudeFlowClient } from './client.ts';
import { retryDelay } from './request.ts';
import { sleep } from './waiting.ts';

const failure = (status: number, retryAfter?: number) =>
  new ClaudeFlowApiError('no', { status, code: 'x', ...(retryAfter === undefined ? {} : { retryAfter }) });
const limits = { retries: 4, repeatable: true, random: 0 };
const soon = json(503, { code: 'redis_unavailable' }, { 'Retry-After': '0' });
const status = json(200, { swarmId: 's', data: { status: 'completed' } });

async function rejection(call: Promise<unknown>): Promise<ClaudeFlowApiError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ClaudeFlowApiError);
  return error as ClaudeFlowApiError;
}

describe('when a request is sent again', () => {
  it('rests longer each time and gives up after the retries', () => {
    const delays = [1, 2, 3, 4, 5].map((failures) => retryDelay(failure(503), failures, limits));
    expect(delays).toEqual([125, 250, 500, 1000, undefined]);
  });

  it.each([
    ['no answer, repeatable', failure(0), true, true],
    ['no answer, not repeatable', failure(0), false, false],
    ['503, not repeatable', failure(503), false, false],
    ['429, not repeatable', failure(429), false, true],
    ['400', failure(400), true, false],
    ['401', failure(401), true, false],
    ['404', failure(404), true, false],
    ['500', failure(500), true, false],
    ['a rest that is too long', failure(429, 600), true, false],
  ])('%s', (_name, error, repeatable, again) => {
    expect(retryDelay(error, 1, { ...limits, repeatable }) !== undefined).toBe(again);
  });

  it('keeps to Retry-After', () => {
    expect(retryDelay(failure(429, 7), 1, limits)).toBe(7_000);
  });
});

describe('over the wire', () => {
  it('a read survives a lost connection and a 503', async () => {
    await using server = await httpFixture(hangUp, soon, status);
    const client = new ClaudeFlowClient(server.url);
    expect((await client.getSwarmStatus('s')).data.status).toBe('completed');
    expect(server.seen).toHaveLength(3);
  });

  it('a creation is repeated with the same idempotency key and body', async () => {
    await using server = await httpFixture(hangUp, json(201, { swarmId: 'swarm_1' }));
    const created = await new ClaudeFlowClient(server.url).createSwarm('Do something useful', {
      maxAgents: 3,
    });
    expect(created.swarmId).toBe('swarm_1');
    const [first, second] = server.seen;
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(JSON.parse(second?.body ?? '')).toEqual({ objective: 'Do something useful', maxAgents: 3 });
  });

  it('two creations have keys of their own, and a given key is kept', async () => {
    await using server = await httpFixture(json(201, {}));
    const client = new ClaudeFlowClient(server.url);
    await client.createSwarm('Do something useful');
    await client.createSwarm('Do something useful');
    await client.createSwarm('Do something useful', { idempotencyKey: 'mine' });
    const keys = server.seen.map((request) => request.headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
    expect(server.seen[2]?.body).not.toContain('mine');
  });

  it('a start is not repeated when it may have happened', async () => {
    await using server = await httpFixture(hangUp, json(200, {}));
    const error = await rejection(new ClaudeFlowClient(server.url).startSwarm('s'));
    expect(error).toMatchObject({ status: 0, code: 'network_error' });
    expect(error.message).toContain(server.url);
    expect(server.seen).toHaveLength(1);
  });

  it('retries can be turned off', async () => {
    await using server = await httpFixture(soon, status);
    await rejection(new ClaudeFlowClient(server.url, { retries: 0 }).getSwarmStatus('s'));
    expect(server.seen).toHaveLength(1);
  });

  it('tells all that the server told', async () => {
    const problem = {
      message: 'Validation failed.',
      code: 'validation_failed',
      requestId: 'r-1',
      details: [{ field: 'objective', message: 'too short' }],
    };
    await using server = await httpFixture(json(400, problem));
    const error = await rejection(new ClaudeFlowClient(server.url).createSwarm('x'));
    expect(error).toMatchObject({
      status: 400,
      code: 'validation_failed',
      requestId: 'r-1',
      details: problem.details,
    });
    expect(error.message).toBe('HTTP 400: Validation failed. objective: too short');
    expect(server.seen).toHaveLength(1);
  });

  it('tells of an answer that is not from the API', async () => {
    await using server = await httpFixture((response) => response.writeHead(200).end('<html>'));
    expect((await rejection(new ClaudeFlowClient(server.url).health())).code).toBe('not_json');
  });

  it('gives up a server that does not answer', async () => {
    await using server = await httpFixture(() => {});
    const client = new ClaudeFlowClient(server.url, { timeoutMs: 50, retries: 0 });
    expect(await rejection(client.health())).toMatchObject({ status: 0, code: 'timeout' });
  });

  it('ends with the reason of the signal, also while resting', async () => {
    await using server = await httpFixture(json(503, {}, { 'Retry-After': '20' }));
    const abort = new AbortController();
    const call = new ClaudeFlowClient(server.url).getSwarmStatus('s', { signal: abort.signal });
    const reason = new Error('enough');
    await expect.poll(() => server.seen.length).toBe(1);
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it('sends the key, and a token, as the API expects them', async () => {
    await using server = await httpFixture(json(200, {}));
    await new ClaudeFlowClient(server.url, 'cf_1').getTasks('s');
    await new ClaudeFlowClient(`${server.url}/`, { token: 't', headers: { 'X-Trace': '1' } }).getTasks('a/b');
    expect(server.seen[0]?.headers['x-api-key']).toBe('cf_1');
    expect(server.seen[1]?.headers).toMatchObject({ authorization: 'Bearer t', 'x-trace': '1' });
    expect(server.seen[1]?.url).toBe('/api/swarm/a%2Fb/tasks');
  });
});

const LONG = [2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY];

describe('times longer than a timer can wait', () => {
  it.each(LONG)('timeoutMs %d: the answer is waited for', async (timeoutMs) => {
    await using server = await httpFixture((response) => {
      setTimeout(() => response.writeHead(200).end('{"status":"healthy"}'), 30);
    });
    const client = new ClaudeFlowClient(server.url, { timeoutMs, retries: 0 });
    expect(await client.health()).toMatchObject({ status: 'healthy' });
  });

  it.each(LONG)('a pause of %d ms does not end by itself', async (ms) => {
    const abort = new AbortController();
    const sleeping = sleep(ms, abort.signal);
    // One that fires at once would come before this.
    setTimeout(() => abort.abort(new Error('still asleep')), 30);
    await expect(sleeping).rejects.toThrow('still asleep');
  });
});

describe('a redirect', () => {
  const moved = (status: number, location: string) => json(status, {}, { location });
  const calls: [string, (client: ClaudeFlowClient) => Promise<unknown>][] = [
    ['a creation', (client) => client.createSwarm('Do something useful')],
    ['a key', (client) => client.createKey('ci')],
    ['a deletion', (client) => client.deleteSwarm('s')],
    ['a read', (client) => client.getTasks('s')],
    ['a stream', (client) => client.events('s').next()],
    ['a file', (client) => client.downloadArtifact('s', 't', 'f')],
  ];

  it.each(
    [301, 302, 303, 307, 308].flatMap((status) => calls.map(([what, call]) => ({ status, what, call }))),
  )('$status: $what is not sent on, and the key goes nowhere else', async ({ status, call }) => {
    await using stranger = await httpFixture(json(200, {}));
    await using server = await httpFixture(moved(status, `${stranger.url}/elsewhere`), json(200, {}));
    const error = await rejection(call(new ClaudeFlowClient(server.url, 'cf_secret')));
    expect(error).toMatchObject({ code: 'redirected', status });
    expect(error.message).toContain(`${stranger.url}/elsewhere`);
    expect([server.seen.length, stranger.seen.length]).toEqual([1, 0]);
  });
});
