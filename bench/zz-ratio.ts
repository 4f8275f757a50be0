import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createFlowEngine } from './engine/flow-engine.ts';
import { DIAMOND } from './engine/graphs.ts';
import { createLedgerEngine } from './engine/ledger-engine.ts';
const redis = await startPrivateRedis({ appendOnly: true });
const ours = await createLedgerEngine(redis.url, DIAMOND, 'x'.repeat(1024));
const flow = await createFlowEngine(redis.url, DIAMOND, 'x'.repeat(1024));
const F = Number(process.argv[2] ?? 20);
await ours.run(100, F); await flow.run(100, F);
const med = (v: number[]) => v.sort((a, b) => a - b)[v.length >> 1] as number;
const r: number[] = [], rc: number[] = [], oc: number[] = [], c: number[] = [], o: number[] = [];
for (let i = 0; i < 9; i += 1) {
  const a = await ours.run(150, F); const b = await flow.run(150, F);
  r.push((a.swarms / a.seconds) / (b.swarms / b.seconds)); rc.push(a.redisCpuSeconds / b.redisCpuSeconds); oc.push(a.ownCpuSeconds / b.ownCpuSeconds); c.push(1e6 * a.redisCpuSeconds / a.swarms); o.push(1e6 * a.ownCpuSeconds / a.swarms);
}
console.log(`inflight ${F} ratio ${med(r).toFixed(2)} redis cpu x${med(rc).toFixed(2)} (${med(c).toFixed(0)} us/swarm) own cpu x${med(oc).toFixed(2)} (${med(o).toFixed(0)} us)`);
await ours.close(); await flow.close(); await redis.stop();
