import { connectRedis } from '@claude-flow/core/redis/connect';
import { createKeys } from '@claude-flow/core/redis/keys';
import { loadScripts } from '@claude-flow/core/redis/scripts';
import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { DIAMOND } from './graphs.ts';
import { createLedgerEngine } from './ledger-engine.ts';

/** `node bench/engine/profile.ts`: where Redis's time goes in a busy run of diamonds, script by script. */
const server = await startPrivateRedis({ appendOnly: true });
try {
  const redis = await connectRedis({ url: server.url, name: 'profile', mode: 'patient' });
  const engine = await createLedgerEngine(server.url, DIAMOND, 'x'.repeat(1024));
  await engine.run(100, 20);
  await redis.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '200000');
  await redis.call('SLOWLOG', 'RESET');
  const aof = async () => Number((await redis.info('persistence')).match(/aof_current_size:(\d+)/)?.[1]);
  const before = await aof();
  const run = await engine.run(200, 20);
  const bytes = (await aof()) - before;
  const entries = (await redis.call('SLOWLOG', 'GET', '-1')) as [number, number, number, string[]][];
  await engine.close();
  const scripts = loadScripts(createKeys('profile'));
  const names = new Map(scripts.names.map((name) => [scripts.get(name).sha, name]));
  const rows = new Map<string, { calls: number; micros: number }>();
  for (const [, , micros, args] of entries) {
    const command = (args[0] ?? '').toLowerCase();
    const sha = args[1] ?? '';
    const name = command === 'evalsha' ? (names.get(sha) ?? `bullmq ${sha.slice(0, 8)}`) : command;
    const row = rows.get(name) ?? { calls: 0, micros: 0 };
    row.calls += 1;
    row.micros += micros;
    rows.set(name, row);
  }
  const table = [...rows].sort(([, a], [, b]) => b.micros - a.micros);
  console.table(
    table.slice(0, 20).map(([name, { calls, micros }]) => ({
      command: name,
      'calls per swarm': (calls / run.swarms).toFixed(2),
      'us a call': (micros / calls).toFixed(1),
      'us per swarm': (micros / run.swarms).toFixed(0),
    })),
  );
  const inCommands = table.reduce((sum, [, { micros }]) => sum + micros, 0) / run.swarms;
  console.log(
    `swarms/s ${(run.swarms / run.seconds).toFixed(0)}; Redis CPU per swarm ${((1e6 * run.redisCpuSeconds) / run.swarms).toFixed(0)} us, ` +
      `in commands ${inCommands.toFixed(0)} us; own CPU per swarm ${((1e6 * run.ownCpuSeconds) / run.swarms).toFixed(0)} us; ` +
      `AOF bytes per swarm ${(bytes / run.swarms).toFixed(0)}`,
  );
  redis.disconnect();
} finally {
  await server.stop();
}
