import type { RedisClient } from '@claude-flow/core/redis/connect';
import { workerOfConnection } from '@claude-flow/core/store/workers';
import { Cluster } from 'ioredis';

/** What Redis says of its connections at one moment. */
export interface Connections {
  /** Redis's clock, read after the list: whoever renews later has a later lease. */
  now: number;
  /** Ids of the workers that have at least one connection. */
  workers: ReadonlySet<string>;
  serverUpMs: number;
  /** Age of the oldest connection of this system. */
  oldestOfOursMs: number;
}

/** Redis does not let us see its connections, or shows only one node's. A sentence for the log. */
export interface NoConnections {
  reason: string;
}

const ONE_NODE_ONLY: NoConnections = {
  reason: 'in a Redis Cluster each node knows only its own connections',
};
const OURS = /^(cf-worker:|claude-flow-)/;
const REFUSED = /NOPERM|unknown (sub)?command|not allowed|unsupported|disabled/i;

/** Connections by name, out of CLIENT LIST's answer: a line each, `field=value` separated by blanks. */
export function parseClientList(text: string): { name: string; ageMs: number }[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' name='))
    .map((line) => ({
      name: / name=(\S*)/.exec(line)?.[1] ?? '',
      ageMs: 1000 * Number(/ age=(\d+)/.exec(line)?.[1] ?? '0'),
    }));
}

/** @throws what Redis's absence throws */
export async function readConnections(redis: RedisClient): Promise<Connections | NoConnections> {
  if (redis instanceof Cluster) return ONE_NODE_ONLY;
  const replies = await redis
    .pipeline()
    .call('CLIENT', 'LIST', 'TYPE', 'normal')
    .time()
    .info('server')
    .exec();
  const [list, time, info] = replies ?? [];
  if (list === undefined || time === undefined || info === undefined) throw new Error('Redis gave no answer');
  if (list[0] !== null && REFUSED.test(list[0].message)) return { reason: list[0].message };
  for (const [error] of [list, time, info]) if (error !== null) throw error;
  const server = String(info[1]);
  if (/^redis_mode:cluster/m.test(server)) return ONE_NODE_ONLY;

  const [seconds, micros] = time[1] as [string, string];
  const ours = parseClientList(String(list[1])).filter((connection) => OURS.test(connection.name));
  const workers = ours.map(({ name }) => workerOfConnection(name)).filter((id) => id !== undefined);
  return {
    now: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000),
    workers: new Set(workers),
    serverUpMs: 1000 * Number(/^uptime_in_seconds:(\d+)/m.exec(server)?.[1] ?? '0'),
    oldestOfOursMs: Math.max(0, ...ours.map((connection) => connection.ageMs)),
  };
}
