import { median, percentile } from '../engine/measure.ts';
import { fanOut, joinFleet, type Listener, listen } from './measure.ts';
import type { Side } from './sides.ts';

const QUICK = 20;
const SLOW = 5;
const ROUNDS = Number(process.env['RELAY_ROUNDS'] ?? 5);
const EVENTS = 1_000;

/** How far apart frames come at a client while events are as dense as can be: what others' slowness would show in. */
async function round(side: Side, listener: Listener): Promise<{ p99: number; perSecond: number }> {
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
  const { deliveriesPerSecond } = await fanOut(side, fleet, EVENTS);
  await watching;
  fleet.close();
  return { p99: percentile(gaps, 0.99), perSecond: deliveriesPerSecond };
}

/** The same load with and without clients that do not read. */
export async function slowReaders(side: Side) {
  const listener = await listen(side);
  const pairs: { without: { p99: number; perSecond: number }; with: { p99: number; perSecond: number } }[] =
    [];
  let cutOff = 0;
  for (let i = -1; i < ROUNDS; i += 1) {
    const without = await round(side, listener);
    const slow = await joinFleet(side, SLOW);
    slow.pause();
    const pair = { without, with: await round(side, listener) };
    if (i >= 0) pairs.push(pair);
    cutOff += slow.closed;
    slow.close();
  }
  listener.close();
  const rows = (pick: (one: { p99: number; perSecond: number }) => number, digits: number) => ({
    'all quick': median(pairs.map((pair) => pick(pair.without))).toFixed(digits),
    [`${SLOW} slow`]: median(pairs.map((pair) => pick(pair.with))).toFixed(digits),
    ratio: median(pairs.map((pair) => pick(pair.with) / pick(pair.without))).toFixed(2),
  });
  return {
    'between frames of a quick one, ms p99': { ...rows((one) => one.p99, 2), target: 'ratio <= 1.2' },
    'deliveries/s to the quick': rows((one) => one.perSecond, 0),
    'slow ones cut off': { 'all quick': '-', [`${SLOW} slow`]: String(cutOff), ratio: '-' },
  };
}
