import type { RedisClient } from '@claude-flow/core/redis/connect';

/** Tasks at once: more than are ever ready in the busy runs, so that none waits for a place. */
export const ENOUGH_PLACES = 200;
/** Half of what the busy diamonds could use. */
export const FEW_PLACES = 50;

/** One run of one engine: `swarms` graphs, `inFlight` of them at a time. */
export interface EngineRun {
  swarms: number;
  tasks: number;
  seconds: number;
  /** Dependency done -> dependant started, milliseconds, one per edge that released a task. */
  dispatchMs: number[];
  redisCpuSeconds: number;
  ownCpuSeconds: number;
}

export interface Engine {
  name: string;
  run(swarms: number, inFlight: number): Promise<EngineRun>;
  close(): Promise<void>;
}

async function redisCpuSeconds(redis: RedisClient): Promise<number> {
  const info = await redis.info('cpu');
  const field = (name: string) => Number(info.match(new RegExp(`^${name}:([0-9.]+)`, 'm'))?.[1] ?? 0);
  return field('used_cpu_user') + field('used_cpu_sys');
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs `one` for each swarm, `inFlight` at a time, and measures time and processor of Redis and of this process. */
export async function measureRun(
  redis: RedisClient,
  swarms: number,
  inFlight: number,
  tasksPerSwarm: number,
  dispatchMs: number[],
  one: () => Promise<void>,
): Promise<EngineRun> {
  dispatchMs.length = 0;
  const redisBefore = await redisCpuSeconds(redis);
  const ownBefore = ownCpuSeconds();
  const started = performance.now();
  let left = swarms;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, swarms) }, lane));
  return {
    swarms,
    tasks: swarms * tasksPerSwarm,
    seconds: (performance.now() - started) / 1000,
    dispatchMs: [...dispatchMs],
    redisCpuSeconds: (await redisCpuSeconds(redis)) - redisBefore,
    ownCpuSeconds: ownCpuSeconds() - ownBefore,
  };
}

export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);
