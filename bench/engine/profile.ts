import { connectRedis, type RedisClient } from '@claude-flow/core/redis/connect';
import { createKeys } from '@claude-flow/core/redis/keys';
import { loadScripts } from '@claude-flow/core/redis/scripts';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { DIAMOND } from './graphs.ts';
import { createLedgerEngine } from './ledger-engine.ts';

const SWARMS = 200;
const IN_FLIGHT = 20;
/** One line of SLOWLOG: number, time, microseconds, the command with its arguments. */
type Entry = [number, number, number, string[]];

/** Where Redis's time goes in a busy run of diamonds, command by command; our scripts by name, BullMQ's by their hash. */
export async function main(): Promise<void> {
  const server = await startPrivateRedis({ appendOnly: true });
  const redis = await connectRedis({ url: server.url, name: 'profile', mode: 'patient' });
  try {
    const engine = await createLedgerEngine(server.url, DIAMOND, 'x'.repeat(1024));
    await engine.run(SWARMS / 2, IN_FLIGHT);
    const bytesBefore = await aofBytes(redis);
    const run = await engine.run(SWARMS, IN_FLIGHT);
    const bytes = (await aofBytes(redis)) - bytesBefore;
    // Measured apart: to note every command costs time of its own.
    await redis.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '200000');
    await redis.call('SLOWLOG', 'RESET');
    await engine.run(SWARMS, IN_FLIGHT);
    await redis.config('SET', 'slowlog-log-slower-than', '-1');
    const entries = (await redis.call('SLOWLOG', 'GET', '-1')) as Entry[];
    await engine.close();
    console.log(
      'Diamonds, busy; commands inside scripts are counted in their script and again for themselves.',
    );
    console.table(byCommand(entries));
    const each = (seconds: number) => ((1e6 * seconds) / SWARMS).toFixed(0);
    console.log(
      `A swarm costs Redis ${each(run.redisCpuSeconds)} us, this process ${each(run.ownCpuSeconds)} us, ` +
        `the append-only file ${(bytes / SWARMS / 1024).toFixed(1)} KiB.`,
    );
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

async function aofBytes(redis: RedisClient): Promise<number> {
  return Number((await redis.info('persistence')).match(/aof_current_size:(\d+)/)?.[1]);
}

function byCommand(entries: readonly Entry[]) {
  const scripts = loadScripts(createKeys('profile'));
  const names = new Map(scripts.names.map((name) => [scripts.get(name).sha, name]));
  const rows = new Map<string, { calls: number; micros: number }>();
  for (const [, , micros, [word = '', sha = '']] of entries) {
    const command = word.toLowerCase();
    const name = command === 'evalsha' ? (names.get(sha) ?? `bullmq ${sha.slice(0, 8)}`) : command;
    const row = rows.get(name) ?? { calls: 0, micros: 0 };
    rows.set(name, { calls: row.calls + 1, micros: row.micros + micros });
  }
  return [...rows]
    .sort(([, a], [, b]) => b.micros - a.micros)
    .slice(0, 20)
    .map(([command, { calls, micros }]) => ({
      command,
      'calls a swarm': (calls / SWARMS).toFixed(2),
      'us a call': (micros / calls).toFixed(1),
      'us a swarm': (micros / SWARMS).toFixed(0),
    }));
}
