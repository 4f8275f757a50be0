import { waitFor } from '@claude-flow/testing/wait-for';
import { median, percentile } from '../engine/measure.ts';
import { fanOut, joinFleet, type Listener, listen } from './measure.ts';
import type { OurSide, Side } from './sides.ts';

const QUICK = 20;
const SLOW = 5;
const ROUNDS = Number(process.env['RELAY_ROUNDS'] ?? 5);
const EVENTS = 1_200;
/** Twenty megabytes over a round: more than the kernel keeps for a client that does not read. */
const EVENT_BYTES = 16 * 1024;
/** Events on their way at once: well within what a client that reads may be behind. */
const WINDOW = 16;

interface Round {
  p99: number;
  perSecond: number;
  /** Clients that the server still serves at the end. */
  connected: number;
}

async function connectedClients({ url }: Side): Promise<number> {
  const answer = await fetch(`${url}/api/system/stats`);
  const { server } = (await answer.json()) as { server: { connectedClients: number } };
  return server.connectedClients;
}

/** How far apart frames come at a client while events are as dense as can be: what others' slowness would show in. */
async function round(side: Side, listener: Listener): Promise<Round> {
  const fleet = await joinFleet(side, QUICK);
  const gaps: number[] = [];
  const before = listener.frames;
  const watching = (async () => {
    for (let n = 1; n <= EVENTS; n += 1) {
      const asked = performance.now();
      await listener.reached(before + n);
      gaps.push(performance.now() - asked);
    }
  })();
  const { deliveriesPerSecond } = await fanOut(side, fleet, EVENTS, WINDOW);
  await watching;
  // Who is cut off gets some seconds to take the closing frame.
  const onlyQuick = async () => (await connectedClients(side)) === 1 + QUICK;
  await waitFor(onlyQuick, { deadlineMs: 5_000, what: 'the slow to be gone' }).catch(() => undefined);
  const connected = await connectedClients(side);
  fleet.close();
  await waitFor(async () => (await connectedClients(side)) <= connected - QUICK, {
    deadlineMs: 60_000,
    what: 'the quick clients to be gone',
  });
  return { p99: percentile(gaps, 0.99), perSecond: deliveriesPerSecond, connected };
}

/** The same load with and without clients that do not read. */
export async function slowReaders(ours: OurSide) {
  const side = await ours.withLargeEvents(EVENT_BYTES);
  const listener = await listen(side);
  const pairs: { without: Round; with: Round }[] = [];
  let cutOff = 0;
  for (let i = -1; i < ROUNDS; i += 1) {
    const without = await round(side, listener);
    const slow = await joinFleet(side, SLOW);
    slow.pause();
    const pair = { without, with: await round(side, listener) };
    if (i >= 0) pairs.push(pair);
    if (i >= 0) cutOff += 1 + QUICK + SLOW - pair.with.connected;
    slow.close();
    await waitFor(async () => (await connectedClients(side)) === 1, {
      deadlineMs: 60_000,
      what: 'the clients of this round to be gone',
    });
  }
  listener.close();
  const rows = (pick: (one: Round) => number, digits: number) => ({
    'all quick': median(pairs.map((pair) => pick(pair.without))).toFixed(digits),
    [`${SLOW} slow`]: median(pairs.map((pair) => pick(pair.with))).toFixed(digits),
    ratio: median(pairs.map((pair) => pick(pair.with) / pick(pair.without))).toFixed(2),
  });
  return {
    'between frames of a quick one, ms p99': { ...rows((one) => one.p99, 2), target: 'ratio <= 1.2' },
    'deliveries/s to the quick': rows((one) => one.perSecond, 0),
    'slow ones cut off': {
      'all quick': '-',
      [`${SLOW} slow`]: String(cutOff),
      ratio: '-',
      target: `${ROUNDS * SLOW}`,
    },
  };
}
