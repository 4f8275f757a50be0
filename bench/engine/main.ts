import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createFlowEngine } from './flow-engine.ts';
import { CHAIN, DIAMOND, type Graph, ladder, WIDE } from './graphs.ts';
import { createLedgerEngine } from './ledger-engine.ts';
import { ENOUGH_PLACES, type EngineRun, FEW_PLACES, median, percentile } from './measure.ts';

/** Each step returns this, as a small result would. */
const PAYLOAD = 'x'.repeat(1024);
const ROUNDS = 9;

interface Plan {
  graph: Graph;
  swarms: number;
  inFlight: number;
  /** Tasks that run at once at most: of ours, and of the reference. */
  places?: readonly [ours: number, flow: number];
}

const perSecond = (run: EngineRun) => run.swarms / run.seconds;
const redisMicros = (run: EngineRun) => (1e6 * run.redisCpuSeconds) / run.tasks;
const ownMicros = (run: EngineRun) => (1e6 * run.ownCpuSeconds) / run.tasks;
const show = (value: number, digits = 1) => value.toFixed(digits);

/** Interleaved rounds of both engines on one Redis; ratios pair by pair, medians shown. */
async function compare(url: string, { graph, swarms, inFlight, places = [ENOUGH_PLACES, FEW_PLACES] }: Plan) {
  const ours = await createLedgerEngine(url, graph, PAYLOAD, places[0]);
  const reference = await createFlowEngine(url, graph, PAYLOAD, places[1]);
  await ours.run(Math.ceil(swarms / 5), inFlight);
  await reference.run(Math.ceil(swarms / 5), inFlight);
  const pairs: [EngineRun, EngineRun][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    pairs.push([await ours.run(swarms, inFlight), await reference.run(swarms, inFlight)]);
  }
  await ours.close();
  await reference.close();
  const of = (pick: (run: EngineRun) => number, side: 0 | 1) => median(pairs.map((pair) => pick(pair[side])));
  return {
    graph: graph.name,
    places: places.join(' / '),
    'ours swarms/s': show(of(perSecond, 0)),
    'flow swarms/s': show(of(perSecond, 1)),
    ratio: show(median(pairs.map(([a, b]) => perSecond(a) / perSecond(b))), 2),
    'ours tasks/s': show(median(pairs.map(([a]) => a.tasks / a.seconds)), 0),
    'dispatch ms p50': `${show(of((run) => percentile(run.dispatchMs, 0.5), 0))} / ${show(of((run) => percentile(run.dispatchMs, 0.5), 1))}`,
    p99: `${show(of((run) => percentile(run.dispatchMs, 0.99), 0))} / ${show(of((run) => percentile(run.dispatchMs, 0.99), 1))}`,
    'Redis us/task': `${show(of(redisMicros, 0), 0)} / ${show(of(redisMicros, 1), 0)}`,
    'own us/task': `${show(of(ownMicros, 0), 0)} / ${show(of(ownMicros, 1), 0)}`,
  };
}

/** The cost of one task as the graph grows; flat is the aim. */
async function growth(url: string) {
  const rows: Record<string, string>[] = [];
  let first: number | undefined;
  for (const tasks of [10, 100, 1_000, 10_000]) {
    const engine = await createLedgerEngine(url, ladder(tasks), PAYLOAD, ENOUGH_PLACES);
    const run = await engine.run(Math.max(1, Math.round(10_000 / tasks)), 5);
    await engine.close();
    const micros = redisMicros(run);
    first ??= micros;
    rows.push({
      graph: ladder(tasks).name,
      'Redis us/task': show(micros, 0),
      'against 10': show(micros / first, 2),
      'own us/task': show(ownMicros(run), 0),
    });
  }
  return rows;
}

export async function main(): Promise<void> {
  const redis = await startPrivateRedis({ appendOnly: true });
  try {
    console.log(
      `Redis with AOF, fsync always. Pairs "a / b": ours / FlowProducer. Medians of ${ROUNDS} interleaved rounds.`,
    );
    console.log(
      `Busy (20 swarms in flight). FlowProducer is at its best with ${FEW_PLACES} places, ours with ${ENOUGH_PLACES}.`,
    );
    console.table([
      await compare(redis.url, { graph: DIAMOND, swarms: 300, inFlight: 20 }),
      await compare(redis.url, {
        graph: DIAMOND,
        swarms: 300,
        inFlight: 20,
        places: [FEW_PLACES, FEW_PLACES],
      }),
      await compare(redis.url, { graph: CHAIN, swarms: 100, inFlight: 20 }),
      await compare(redis.url, { graph: WIDE, swarms: 10, inFlight: 5 }),
    ]);
    console.log('Idle (one swarm at a time):');
    console.table([await compare(redis.url, { graph: DIAMOND, swarms: 30, inFlight: 1 })]);
    console.log('Cost per task as the graph grows:');
    console.table(await growth(redis.url));
  } finally {
    await redis.stop();
  }
}
