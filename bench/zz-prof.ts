import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createRedis } from '@claude-flow/core/redis/connect';
import { DIAMOND, CHAIN } from './engine/graphs.ts';
import { createLedgerEngine } from './engine/ledger-engine.ts';
import { createFlowEngine } from './engine/flow-engine.ts';
const redis = await startPrivateRedis({ appendOnly: true });
const admin = createRedis({ url: redis.url, name: 'prof', mode: 'patient' });
const N = Number(process.argv[2] ?? 200);
for (const make of [createLedgerEngine, createFlowEngine]) {
  const engine = await make(redis.url, process.argv[3] === 'chain' ? CHAIN : DIAMOND, 'x'.repeat(1024));
  await engine.run(100, 20);
  if (process.env['SLOW']) await admin.config('SET', 'slowlog-log-slower-than', '15', 'slowlog-max-len', '200000');
  await admin.slowlog('RESET');
  await admin.config('RESETSTAT');
  const run = await engine.run(N, Number(process.env['INFLIGHT'] ?? 20));
  await admin.config('SET', 'slowlog-log-slower-than', '-1');
  const log = (await admin.slowlog('GET', 200000)) as [number, number, number, string[]][];
  const stats = new Map<string, [number, number]>();
  for (const [, , us, args] of log) {
    let name = String(args[0]).toLowerCase();
    if (name === 'fcall' || name === 'evalsha' || name === 'eval') {
      const key = args.slice(3, 6).join(' ').replace(/\{[^}]*\}/g, '{}').replace(/bench\w+/g, 'B');
      name = `${name} ${String(args[1]).slice(-16)} n${args[2]} ${key.slice(0, 60)}`;
    }
    const s = stats.get(name) ?? [0, 0]; s[0] += 1; s[1] += us; stats.set(name, s);
  }
  console.log(engine.name, (run.swarms / run.seconds).toFixed(0), 'swarms/s; redis us/swarm', ((1e6 * run.redisCpuSeconds) / run.swarms).toFixed(0), 'own us/swarm', ((1e6 * run.ownCpuSeconds) / run.swarms).toFixed(0));
  let sum = 0;
  for (const [name, [c, us]] of [...stats].sort((a, b) => b[1][1] - a[1][1]).slice(0, 16)) { sum += us; console.log((us / N).toFixed(1).padStart(8), 'us/swarm', (c / N).toFixed(2).padStart(6), 'calls', (us / c).toFixed(1).padStart(7), 'us/call', name); }
  const info = await admin.info('commandstats');
  console.log(info.split('\n').filter(l => /usec/.test(l)).map(l => { const m = /cmdstat_([^:]+):calls=(\d+),usec=(\d+)/.exec(l); return m ? [m[1], Number(m[2]) / N, Number(m[3]) / N] : ['', 0, 0] as const; }).sort((a, b) => Number(b[2]) - Number(a[2])).slice(0, 20).map(([n, c, u]) => `${n}: ${Number(c).toFixed(1)} calls ${Number(u).toFixed(0)} us`).join('; '));
  await engine.close();
}
admin.disconnect();
await redis.stop();
