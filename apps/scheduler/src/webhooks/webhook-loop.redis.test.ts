import { createHmac } from 'node:crypto';
import { EVENT_TYPES, type EventType } from '@claude-flow/core/contracts/swarm-event';
import { queueKey } from '@claude-flow/core/redis/keys';
import { readEvents } from '@claude-flow/core/store/events';
import { readLogs } from '@claude-flow/core/store/logs';
import { deleteSwarm, getSwarm, startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { claimWebhook, listWebhooks, readWebhook } from '@claude-flow/core/store/webhooks';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../test/bench.ts';
import { type Receiver, startReceiver } from '../test/receiver.ts';
import { startWebhookLoop, type WebhookLoopDeps } from './webhook-loop.ts';

let bench: Bench;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  bench = await startBench();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => bench?.close());

const SOON = { deadlineMs: 20_000 };
const TERMINAL: EventType[] = ['swarm.completed', 'swarm.failed', 'swarm.stopped'];
const QUICK = { firstMs: 20, longestMs: 100, mostAttempts: 5, mostTimeMs: 60_000 };

function scheduler(over: Partial<WebhookLoopDeps> = {}) {
  const loop = startWebhookLoop({
    ledger: bench.ledger,
    queues: bench.queues,
    metrics: bench.metrics,
    log: bench.log,
    consumerRedis: bench.connect('webhook'),
    subscriber: bench.connect('events'),
    allowPrivate: true,
    retry: QUICK,
    timeoutMs: 500,
    lookEveryMs: 50,
    ...over,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= loop.stop();
    return stopped;
  };
  closers.push(stop);
  return { stop };
}

async function receiver(reply: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const one = await startReceiver(reply);
  closers.push(() => one.close());
  return one;
}

const graph = { a: [], b: ['a'] };
const swarmTo = (url: string, events: readonly EventType[] = TERMINAL, secret?: string) =>
  bench.createPlanned(graph, { webhook: { url, events, ...(secret === undefined ? {} : { secret }) } });
const stop = (id: string) => stopSwarm(bench.ledger, id, { reason: 'stopped', message: 'By the test.' });
const numbers = (one: Receiver) => one.received.map(({ json }) => json.seq as number);
const logs = async (id: string) =>
  (await readLogs(bench.ledger, id, { limit: 100, level: 'debug' })).map(
    ({ level, message }) => `${level} ${message}`,
  );
const given = async (outcome: string) => {
  const { values } = await bench.metrics.webhookDeliveries.get();
  return values.find((value) => value.labels['outcome'] === outcome)?.value ?? 0;
};
const indexed = async (id: string) =>
  (await bench.ledger.redis.zscore(bench.ledger.keys.webhooks, id)) !== null;
const forgotten = (id: string) =>
  waitFor(async () => !(await indexed(id)), { ...SOON, what: 'the webhook to be done' });

describe('a delivery', () => {
  it('is the API’s own frame, signed over time and body; the end alone unless more is asked for', async () => {
    const one = await receiver((_request, response) => response.end('ok'));
    const id = await swarmTo(`${one.url}/hook?x=1`, TERMINAL, 'keep this to yourself');
    scheduler();
    await startSwarm(bench.ledger, id);
    await stop(id);
    await forgotten(id);
    expect(one.received).toHaveLength(1);
    const [request] = one.received;
    if (request === undefined) throw new Error('nothing came');
    const last = (await readEvents(bench.ledger, id, 0, 1_000)).at(-1);
    expect(request).toMatchObject({ method: 'POST', path: '/hook?x=1' });
    expect(request.json).toEqual({
      type: 'swarm_event',
      swarmId: id,
      eventType: 'swarm.stopped',
      seq: last?.seq,
      epoch: last?.epoch,
      data: { reason: 'stopped', message: 'By the test.' },
      timestamp: new Date(last?.at ?? 0).toISOString(),
      swarm: {
        status: 'failed',
        reason: 'stopped',
        message: 'By the test.',
        tasks: { total: 2, completed: 0, failed: 0, cancelled: 2, skipped: 0 },
        usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
        durationMs: expect.any(Number),
        summary: null,
      },
    });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'x-claude-flow-event': 'swarm.stopped',
      'x-claude-flow-delivery': `${id}.${last?.epoch}.${last?.seq}`,
      'webhook-id': `${id}-${last?.epoch}-${last?.seq}`,
    });
    // The header of the release before.
    const [, t = '', v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['x-claude-flow-signature'])) ?? [];
    const wanted = createHmac('sha256', 'keep this to yourself').update(`${t}.${request.body}`).digest('hex');
    expect(v1).toBe(wanted);
    expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(60);
    expect(await readWebhook(bench.ledger, id)).toMatchObject({
      signed: true,
      state: 'active',
      seq: last?.seq,
    });
  });

  it('goes on live, each event once and in order, without waiting for a look', async () => {
    const one = await receiver((_request, response) => response.end());
    // The first look follows the channel; the next is far away.
    const id = await swarmTo(one.url, EVENT_TYPES);
    scheduler({ lookEveryMs: 300 });
    await waitFor(() => one.received.length > 0, { ...SOON, what: 'the first events' });
    await startSwarm(bench.ledger, id);
    await stop(id);
    await forgotten(id);
    const events = await readEvents(bench.ledger, id, 0, 1_000);
    expect(numbers(one)).toEqual(events.map(({ seq }) => seq));
    expect(one.atOnce.most).toBe(1);
  });

  it('has no signature without a secret', async () => {
    const one = await receiver((_request, response) => response.end());
    const id = await swarmTo(one.url);
    scheduler();
    await stop(id);
    await forgotten(id);
    expect(one.received[0]?.headers['x-claude-flow-signature']).toBeUndefined();
    expect(one.received[0]?.headers['webhook-signature']).toBeUndefined();
    expect(one.received[0]?.headers['webhook-id']).toBeDefined();
  });
});

describe('a receiver in trouble', () => {
  it('flaky: the event comes again, those behind it wait for it, and nothing is lost', async () => {
    const one = await receiver((_request, response, nth) => {
      response.statusCode = nth % 3 === 0 ? 204 : 500;
      response.end();
    });
    const failedBefore = await given('failed');
    const id = await swarmTo(one.url, ['swarm.created', 'swarm.started', 'swarm.stopped']);
    await startSwarm(bench.ledger, id);
    await stop(id);
    scheduler();
    await forgotten(id);
    const types = one.received.map(({ json }) => json.eventType);
    expect(types).toEqual(
      ['swarm.created', 'swarm.started', 'swarm.stopped'].flatMap((type) => [type, type, type]),
    );
    expect(one.received.map(({ headers }) => headers['x-claude-flow-delivery']).slice(0, 3)).toEqual(
      Array.from({ length: 3 }, () => one.received[0]?.headers['x-claude-flow-delivery']),
    );
    expect((await given('failed')) - failedBefore).toBe(6);
    expect((await logs(id)).join('\n')).toMatch(
      /warn The webhook could not be told of swarm\.created .* status 500\. Trying again in 0\.0 s/,
    );
  });

  it('always 500: given up after the last try, said in the log, the view and the metric, and forgotten', async () => {
    const one = await receiver((_request, response) => {
      response.statusCode = 500;
      response.end('x'.repeat(1_000_000));
    });
    const before = await given('given-up');
    const id = await swarmTo(one.url, ['swarm.created', 'swarm.stopped']);
    scheduler();
    await forgotten(id);
    await stop(id);
    expect(one.received).toHaveLength(QUICK.mostAttempts);
    expect((await given('given-up')) - before).toBe(1);
    expect((await logs(id)).at(-1)).toMatch(
      /^error .*swarm\.created.*Given up after 5 tries; no further events are sent\.$/,
    );
    expect(await readWebhook(bench.ledger, id)).toMatchObject({ state: 'given-up', attempts: 5, seq: 0 });
  });

  it('410: wants no more, and is not asked again', async () => {
    const one = await receiver((_request, response) => {
      response.statusCode = 410;
      response.end();
    });
    const id = await swarmTo(one.url);
    scheduler();
    await stop(id);
    await forgotten(id);
    expect(one.received).toHaveLength(1);
  });

  it('redirects: not followed', async () => {
    const other = await receiver((_request, response) => response.end());
    const one = await receiver((_request, response) => {
      response.writeHead(307, { location: other.url }).end();
    });
    const id = await swarmTo(one.url);
    scheduler();
    await stop(id);
    await forgotten(id);
    expect(one.received).toHaveLength(QUICK.mostAttempts);
    expect(other.connections).toBe(0);
    expect((await logs(id)).at(-1)).toContain('status 307; redirects are not followed');
  });

  it('hangs, or nobody is there: the time is up, and it is tried again; other swarms do not feel it', async () => {
    const hanging = await receiver((_request, response, nth) => {
      if (nth > 1) response.end();
    });
    const gone = await startReceiver(() => undefined);
    await gone.close();
    const fine = await receiver((_request, response) => response.end());
    const [a, b, c] = await Promise.all([swarmTo(hanging.url), swarmTo(gone.url), swarmTo(fine.url)]);
    scheduler();
    for (const id of [a, b, c]) await stop(id);
    await waitFor(() => fine.received.length === 1, { ...SOON, what: 'the healthy one' });
    await Promise.all([forgotten(a), forgotten(b), forgotten(c)]);
    expect(hanging.received).toHaveLength(2);
    expect((await logs(a)).join('\n')).toContain('no answer within 0.5 s');
    expect((await readWebhook(bench.ledger, b))?.state).toBe('given-up');
    expect((await readWebhook(bench.ledger, b))?.error).toContain('ECONNREFUSED');
  });

  it('answers for ever: the status line is enough', async () => {
    let writing: NodeJS.Timeout | undefined;
    const one = await receiver((_request, response) => {
      response.writeHead(200);
      writing = setInterval(() => response.write('x'.repeat(4_096)), 5);
      response.once('close', () => clearInterval(writing));
    });
    const id = await swarmTo(one.url);
    scheduler();
    await stop(id);
    await forgotten(id);
    await waitFor(() => one.atOnce.now === 0, { ...SOON, what: 'the connection to be cut' });
    expect(one.received).toHaveLength(1);
  });
});

describe('private addresses', () => {
  it.each([
    ['a literal one', (port: string) => `http://127.0.0.1:${port}/`],
    ['written in another way', (port: string) => `http://0x7f.1:${port}/`],
    ['of IPv6, with an IPv4 one in it', (port: string) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['behind a name', (port: string) => `http://localhost:${port}/`],
  ])('%s: no connection is made, and there is no second try', async (_what, urlOf) => {
    const one = await receiver((_request, response) => response.end());
    const id = await swarmTo(urlOf(new URL(one.url).port));
    scheduler({ allowPrivate: false });
    await stop(id);
    await forgotten(id);
    expect(one.connections).toBe(0);
    expect((await logs(id)).at(-1)).toMatch(
      /is not an address of the public internet .*Given up after one try/,
    );
  });
});

describe('schedulers', () => {
  it('two at once, with jobs for both: each event goes out once, in order', async () => {
    const one = await receiver((_request, response) => setTimeout(() => response.end(), 5));
    const ids = await Promise.all(Array.from({ length: 8 }, () => swarmTo(one.url, EVENT_TYPES)));
    scheduler();
    scheduler({ lookEveryMs: 20 });
    for (const id of ids) {
      await startSwarm(bench.ledger, id);
      await stop(id);
    }
    for (const id of ids) await forgotten(id);
    for (const id of ids) {
      const got = one.received.filter(({ json }) => json.swarmId === id).map(({ json }) => json.seq);
      expect(got).toEqual(
        Array.from({ length: (await getSwarm(bench.ledger, id))?.seq ?? 0 }, (_, i) => i + 1),
      );
    }
  });

  it('one that was killed in the middle: another sends the same event again, and goes on', async () => {
    const one = await receiver((_request, response) => response.end());
    const id = await swarmTo(one.url);
    await stop(id);
    // What a killed one leaves: a lease that nobody renews.
    expect(await claimWebhook(bench.ledger, id, 'killed', 700)).toMatchObject({ claim: { seq: 0 } });
    scheduler();
    await forgotten(id);
    expect(one.received).toHaveLength(1);
  });

  it('one that stops: what is under way is cut off, not counted as a failure, and the next one sends it', async () => {
    const one = await receiver((_request, response, nth) => {
      if (nth > 1) response.end();
    });
    const id = await swarmTo(one.url);
    await stop(id);
    const first = scheduler({ timeoutMs: 60_000 });
    await waitFor(() => one.received.length === 1, { ...SOON, what: 'the first try' });
    await first.stop();
    expect(await readWebhook(bench.ledger, id)).toMatchObject({ attempts: 0, state: 'active' });
    scheduler();
    await forgotten(id);
    expect(one.received).toHaveLength(2);
  });

  it('all jobs lost: the look finds what is to be delivered, also a retry', async () => {
    const one = await receiver((_request, response, nth) => {
      response.statusCode = nth === 1 ? 500 : 200;
      response.end();
    });
    const id = await swarmTo(one.url);
    await stop(id);
    const { redis, keys } = bench.ledger;
    const lost = setInterval(
      () => void redis.del(queueKey(keys.queuePrefix, 'taskWait').replace(':task:wait', ':webhook:delayed')),
      5,
    );
    closers.push(async () => clearInterval(lost));
    scheduler({ retry: { ...QUICK, firstMs: 200 } });
    await forgotten(id);
    expect(one.received).toHaveLength(2);
  });
});

it('of a deleted swarm nothing is left, and nothing is sent', async () => {
  const one = await receiver((_request, response) => response.end());
  const id = await swarmTo(one.url);
  await deleteSwarm(bench.ledger, id);
  expect(await bench.ledger.redis.exists(bench.ledger.keys.swarm(id, 'webhook'))).toBe(0);
  // Long enough ago for a creation that is still under way to have been finished.
  await bench.ledger.redis.zadd(bench.ledger.keys.webhooks, 'XX', 1, id);
  scheduler();
  await forgotten(id);
  expect(one.connections).toBe(0);
  expect(await listWebhooks(bench.ledger, Date.now(), 0, 10)).toEqual([]);
});

describe('several owners', () => {
  it('an owner whose receivers never answer holds up nobody else', async () => {
    const hanging = await receiver(() => {});
    const answering = await receiver((_request, response) => response.end('ok'));
    const of = (owner: string, url: string) =>
      bench.createPlanned(graph, { owner, webhook: { url, events: TERMINAL } });
    const theirs = await Promise.all(Array.from({ length: 150 }, () => of('hangs', hanging.url)));
    for (const id of theirs) await stop(id);
    // No delivery of theirs ends while this test runs.
    scheduler({ timeoutMs: 60_000 });
    await waitFor(() => hanging.atOnce.now > 0, { ...SOON, what: 'the first of theirs' });
    const mine = await of('answers', answering.url);
    await stop(mine);
    await waitFor(() => answering.received.length === 1, { ...SOON, what: 'the other owner’s delivery' });
    expect(hanging.atOnce.most).toBeLessThanOrEqual(25);
    for (const id of theirs) await deleteSwarm(bench.ledger, id);
  }, 60_000);

  it.each([
    ['the same owner’s other receivers', ['mine'], 60],
    ['another owner, when there are four whose receivers hang', ['a', 'b', 'c', 'd'], 30],
  ])(
    'receivers that never answer do not hold up %s',
    async (_whom, owners, swarms) => {
      const hanging = await receiver(() => {});
      const answering = await receiver((_request, response) => response.end('ok'));
      const of = (owner: string, url: string) =>
        bench.createPlanned(graph, { owner, webhook: { url, events: TERMINAL } });
      const theirs = await Promise.all(
        owners.flatMap((owner) => Array.from({ length: swarms }, () => of(owner, hanging.url))),
      );
      for (const id of theirs) await stop(id);
      // No delivery of theirs ends while this test runs.
      scheduler({ timeoutMs: 60_000 });
      await waitFor(() => hanging.atOnce.now >= owners.length, { ...SOON, what: 'some of each of theirs' });
      const mine = await Promise.all(Array.from({ length: 20 }, () => of('mine', answering.url)));
      for (const id of mine) await stop(id);
      const arrived = () => new Set(answering.received.map(({ json }) => json.swarmId)).size;
      await waitFor(() => arrived() === mine.length, { ...SOON, what: 'all of mine' });
      expect(hanging.atOnce.most).toBeLessThanOrEqual(2 * owners.length);
      for (const id of theirs) await deleteSwarm(bench.ledger, id);
    },
    60_000,
  );

  it('what had no place is delivered when there is one again', async () => {
    const one = await receiver((_request, response) => setTimeout(() => response.end('ok'), 50));
    const ids = await Promise.all(
      Array.from({ length: 60 }, () =>
        bench.createPlanned(graph, { owner: 'many', webhook: { url: one.url, events: TERMINAL } }),
      ),
    );
    for (const id of ids) await stop(id);
    scheduler();
    await waitFor(() => new Set(one.received.map(({ json }) => json.swarmId)).size === ids.length, {
      deadlineMs: 40_000,
      what: 'all of them',
    });
    expect(one.atOnce.most).toBeLessThanOrEqual(25);
  }, 60_000);
});
