import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, expect, test } from 'vitest';
import { claimAll, graph, newSwarm, plan, result } from '../../test/ledger-fixture.ts';
import type { Resync, SwarmEvent } from '../contracts/swarm-event.ts';
import { connectRedis, createRedis } from '../redis/connect.ts';
import { completeTask } from '../store/completions.ts';
import { readEvents, readEventsFrom } from '../store/events.ts';
import { createLedger, type Ledger } from '../store/ledger.ts';
import { startSwarm } from '../store/swarms.ts';
import { createFeed } from './feed.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(): Promise<{ server: TestRedis; ledger: Ledger }> {
  const server = await startTestRedis({ ownServer: true, durable: true });
  closing.push(() => server.stop());
  return { server, ledger: await ledgerOn(server) };
}

async function ledgerOn(server: TestRedis, eventsKept?: number): Promise<Ledger> {
  const redis = await connectRedis({ url: server.url, name: 'core-test', mode: 'patient' });
  closing.push(() => redis.disconnect());
  return createLedger({ redis, prefix: server.prefix, ...(eventsKept === undefined ? {} : { eventsKept }) });
}

/** What a reader has: cleared when it is told to begin anew, as a client does. */
function reader() {
  const events: SwarmEvent[] = [];
  const resyncs: Resync[] = [];
  return {
    events,
    resyncs,
    event: (event: SwarmEvent) => void events.push(event),
    resync(resync: Resync) {
      resyncs.push(resync);
      events.length = 0;
    },
  };
}

async function openFeed(server: TestRedis, ledger: Ledger) {
  const subscriber = createRedis({ url: server.url, name: 'core-test-feed', mode: 'patient' });
  const feed = createFeed(ledger, subscriber, () => undefined);
  closing.push(() => feed.close());
  return feed;
}

async function started(ledger: Ledger): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [], b: ['a'], c: ['b'] }));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

/** One task, from dispatch to its result: a handful of events. */
async function step(ledger: Ledger, swarmId: string, output: string): Promise<void> {
  const [claim] = await claimAll(ledger, swarmId);
  if (claim === undefined) throw new Error('nothing claimed');
  await completeTask(ledger, claim, result(output), { output });
}

const last = async (ledger: Ledger, swarmId: string) => (await readEvents(ledger, swarmId, 0, 1_000)).at(-1);

/** The append-only file of a killed Redis loses its tail: all after the first `keep` bytes. */
async function aofOf(ledger: Ledger) {
  const [, dir = ''] = (await ledger.redis.config('GET', 'dir')) as string[];
  const folder = join(dir, 'appendonlydir');
  const name = (await readdir(folder)).find((file) => file.endsWith('.incr.aof'));
  if (name === undefined) throw new Error('Redis keeps no append-only file');
  const path = join(folder, name);
  return { size: async () => (await readFile(path)).length, cut: (keep: number) => truncate(path, keep) };
}

test('Redis restarted with all its data: another epoch, the same history, nobody begins anew', async () => {
  const { server, ledger } = await open();
  const feed = await openFeed(server, ledger);
  const swarmId = await started(ledger);
  const one = reader();
  await feed.follow(swarmId, 0, one);
  await step(ledger, swarmId, 'first');
  const before = await last(ledger, swarmId);
  await server.kill();
  await server.restart();
  await step(ledger, swarmId, 'second');
  const after = await last(ledger, swarmId);
  expect(after?.epoch).not.toBe(before?.epoch);
  await waitFor(() => one.events.at(-1)?.seq === after?.seq, { deadlineMs: 10_000, what: 'the last event' });
  expect(one.events).toEqual(await readEvents(ledger, swarmId, 0, 1_000));
  expect(one.resyncs).toEqual([]);
  expect(await readEventsFrom(ledger, swarmId, before ?? { seq: -1 }, 1)).not.toHaveProperty('resync');
});

test('the tail of the append-only file is cut: live readers and those who come back begin anew', async () => {
  const { server, ledger } = await open();
  const other = await ledgerOn(server);
  const feed = await openFeed(server, ledger);
  const swarmId = await started(ledger);
  await other.scripts.run(other.redis, 'resume', { swarmId }, {});
  const aof = await aofOf(ledger);
  const live = reader();
  await feed.follow(swarmId, 0, live);
  const kept = await last(ledger, swarmId);
  const keep = await aof.size();
  await step(ledger, swarmId, 'lost');
  const lost = await last(ledger, swarmId);
  if (kept === undefined || lost === undefined) throw new Error('no events');
  await waitFor(() => live.events.at(-1)?.seq === lost.seq, { deadlineMs: 5_000, what: 'all events' });

  await server.kill();
  await aof.cut(keep);
  await server.restart();
  // Behind a reader's number: told at once, before anything new happens.
  expect(await readEventsFrom(ledger, swarmId, lost, 10)).toMatchObject({
    resync: { firstSeq: 1, seq: kept.seq },
  });
  await waitFor(() => live.resyncs.length === 1, { deadlineMs: 10_000, what: 'the live reader to be told' });

  // The swarm goes on past that number, in another history, through processes that knew the old one.
  await step(other, swarmId, 'told anew');
  await step(ledger, swarmId, 'and on');
  const now = await readEvents(ledger, swarmId, 0, 1_000);
  expect(now.length).toBeGreaterThan(lost.seq);
  expect(new Set(now.slice(kept.seq).map((event) => event.epoch)).size).toBe(1);
  expect(await readEventsFrom(ledger, swarmId, lost, 10)).toMatchObject({ resync: { firstSeq: 1 } });
  expect(await readEventsFrom(ledger, swarmId, kept, 10)).not.toHaveProperty('resync');
  const back = reader();
  await feed.follow(swarmId, lost.seq, back, lost.epoch);
  for (const one of [live, back]) {
    await waitFor(() => one.events.at(-1)?.seq === now.at(-1)?.seq, { deadlineMs: 10_000, what: 'the end' });
    expect(one.events).toEqual(now);
    expect(one.resyncs).toHaveLength(1);
  }
});

test('a stream is bounded; a reader behind its beginning is told, and goes on from there', async () => {
  const { server } = await open();
  const ledger = await ledgerOn(server, 300);
  const feed = await openFeed(server, ledger);
  const swarmId = await newSwarm(ledger);
  const live = reader();
  await feed.follow(swarmId, 0, live);
  const edges = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`t${i}`, [] as string[]]));
  await plan(ledger, swarmId, graph(edges));
  const { length } = await readEvents(ledger, swarmId, 0, 10_000);
  expect(length).toBeGreaterThanOrEqual(300);
  expect(length).toBeLessThan(600);
  const late = reader();
  await feed.follow(swarmId, 1, late);
  const seq = (await last(ledger, swarmId))?.seq ?? 0;
  const firstSeq = seq - length + 1;
  await waitFor(() => late.events.length === length, { deadlineMs: 10_000, what: 'what is kept' });
  expect(late.resyncs).toMatchObject([{ swarmId, firstSeq, seq }]);
  expect(late.events.map((event) => event.seq)).toEqual(Array.from({ length }, (_, i) => firstSeq + i));
  await waitFor(() => live.events.at(-1)?.seq === seq, { deadlineMs: 10_000, what: 'the live reader' });
});
