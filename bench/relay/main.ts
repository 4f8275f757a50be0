import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { median } from '../engine/measure.ts';
import { type FanOut, fanOut, joinFleet, type Latency, latency, listen } from './measure.ts';
import { type Side, startBare, startOurs } from './sides.ts';
import { slowReaders } from './slow-readers.ts';

const SOCKETS = 1_000;
const ROUNDS = Number(process.env['RELAY_ROUNDS'] ?? 5);
const EVENTS_PER_ROUND = 200;
const IDLE_EVENTS = 100;
const IDLE_EVERY_MS = 10;

const show = (value: number, digits = 1) => value.toFixed(digits);
/** "ours / bare (ratio)" of two series that were measured pair by pair. */
function compare(pairs: readonly (readonly [number, number])[], digits = 1) {
  return {
    ours: show(median(pairs.map(([a]) => a)), digits),
    'bare ws': show(median(pairs.map(([, b]) => b)), digits),
    ratio: show(median(pairs.map(([a, b]) => a / b)), 2),
  };
}

async function idle(sides: readonly [Side, Side]) {
  const rounds: [Latency, Latency][] = [];
  const listeners = [await listen(sides[0]), await listen(sides[1])] as const;
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push([
      await latency(sides[0], listeners[0], IDLE_EVENTS, IDLE_EVERY_MS),
      await latency(sides[1], listeners[1], IDLE_EVENTS, IDLE_EVERY_MS),
    ]);
  }
  for (const listener of listeners) listener.close();
  const of = (pick: (one: Latency) => number) => rounds.map(([a, b]) => [pick(a), pick(b)] as const);
  return {
    'idle, event to client ms p50': {
      ...compare(
        of((one) => one.p50),
        2,
      ),
      target: '<= 5',
    },
    'idle, event to client ms p99': {
      ...compare(
        of((one) => one.p99),
        2,
      ),
      target: '<= 25',
    },
  };
}

async function busy(sides: readonly [Side, Side]) {
  const rounds: [FanOut, FanOut][] = [];
  const fleets = [await joinFleet(sides[0], SOCKETS), await joinFleet(sides[1], SOCKETS)] as const;
  for (let round = -1; round < ROUNDS; round += 1) {
    const pair: [FanOut, FanOut] = [
      await fanOut(sides[0], fleets[0], EVENTS_PER_ROUND),
      await fanOut(sides[1], fleets[1], EVENTS_PER_ROUND),
    ];
    // The first warms up.
    if (round >= 0) rounds.push(pair);
  }
  for (const fleet of fleets) fleet.close();
  const of = (pick: (one: FanOut) => number) => rounds.map(([a, b]) => [pick(a), pick(b)] as const);
  const perCore = (one: FanOut) => 1e6 / one.microsPerDelivery;
  return {
    'deliveries/s': {
      ...compare(
        of((one) => one.deliveriesPerSecond),
        0,
      ),
      target: '100000',
    },
    'server CPU us per delivery': compare(
      of((one) => one.microsPerDelivery),
      2,
    ),
    'deliveries/s of one core': { ...compare(of(perCore), 0), target: '100000' },
    'bytes per frame': compare(
      of((one) => one.bytesPerFrame),
      0,
    ),
  };
}

/** Events of the real ledger through one real API process to WebSocket clients, against a bare `ws` broadcast. */
export async function main(): Promise<void> {
  const redis = await startPrivateRedis({ appendOnly: true });
  const sides: Side[] = [];
  try {
    const ours = await startOurs(redis.url);
    sides.push(ours);
    const sample = await listen(ours);
    await ours.fire();
    await sample.reached(3);
    const bare = await startBare(redis.url, sample.newest);
    sides.push(bare);
    sample.close();
    console.log(
      `Redis with AOF, fsync always. Bare: one write and one PUBLISH of the same text in Redis, then ws.send to each client. ` +
        `Medians of ${ROUNDS} interleaved rounds; ${SOCKETS} sockets when busy, all following one swarm.`,
    );
    console.table({ ...(await idle([ours, bare])), ...(await busy([ours, bare])) });
    console.log('Slow readers beside quick ones, events as fast as the quick ones get them:');
    console.table(await slowReaders(ours));
  } finally {
    for (const side of sides) await side.close();
    await redis.stop();
  }
}
