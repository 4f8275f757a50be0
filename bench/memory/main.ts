import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { median } from '../engine/measure.ts';
import { createSwarmRunner, type SwarmRunner } from './swarms.ts';

/** Kept all the time: what Redis must come back to. */
const RETAINED = 200;
const BATCH = 200;
const BATCHES = 10;
const MB = 1024 * 1024;
const mb = (bytes: number) => (bytes / MB).toFixed(1);

interface Sample {
  swarms: number;
  rss: number;
  heap: number;
  redis: number;
  keys: number;
}

async function sample(runner: SwarmRunner, swarms: number, collect: () => void): Promise<Sample> {
  collect();
  const memory = await runner.redis.info('memory');
  const { rss, heapUsed } = process.memoryUsage();
  const redis = Number(/^used_memory:(\d+)/m.exec(memory)?.[1]);
  return { swarms, rss, heap: heapUsed, redis, keys: await runner.redis.dbsize() };
}

/** 2,000 small swarms in one process: its memory, and that of Redis once they are gone, against the retained ones. */
export async function main(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const server = await startPrivateRedis({ appendOnly: false });
  try {
    const runner = await createSwarmRunner(server.url);
    const empty = await sample(runner, 0, collect);
    await runner.run(RETAINED);
    const retained = await sample(runner, 0, collect);
    const full: Sample[] = [];
    const after: Sample[] = [];
    for (let batch = 1; batch <= BATCHES; batch += 1) {
      const ids = await runner.run(BATCH);
      full.push(await sample(runner, batch * BATCH, collect));
      await runner.remove(ids);
      after.push(await sample(runner, batch * BATCH, collect));
    }
    await runner.close();
    const row = (name: string, one: Sample) => ({
      after: name,
      'process RSS MB': mb(one.rss),
      'process heap MB': mb(one.heap),
      'Redis MB': mb(one.redis),
      'Redis keys': one.keys,
    });
    console.table([
      row('nothing', empty),
      row(`${RETAINED} swarms, kept`, retained),
      ...after.map((one) => row(`${one.swarms} more, gone`, one)),
    ]);
    const half = BATCHES / 2;
    const grown = (pick: (one: Sample) => number) =>
      median(after.slice(half).map(pick)) / median(after.slice(0, half).map(pick));
    const last = after.at(-1) ?? retained;
    const perSwarm = (retained.redis - empty.redis) / RETAINED;
    const peak = Math.max(...full.map((one) => one.redis));
    console.log(
      `process: heap ${grown((one) => one.heap).toFixed(2)}x, RSS ${grown((one) => one.rss).toFixed(2)}x from the first ${half} batches to the last ${half}`,
    );
    console.log(
      `Redis: ${(last.redis / retained.redis).toFixed(2)}x the retained set (${(peak / retained.redis).toFixed(2)}x at most, with a batch in it); ${(perSwarm / 1024).toFixed(0)} KiB a swarm kept`,
    );
    console.log(`keys: ${last.keys - retained.keys} left behind by ${last.swarms} swarms`);
  } finally {
    await server.stop();
  }
}
