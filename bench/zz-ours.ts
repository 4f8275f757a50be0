import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { DIAMOND } from './engine/graphs.ts';
import { createLedgerEngine } from './engine/ledger-engine.ts';
import { createFlowEngine } from './engine/flow-engine.ts';
const redis = await startPrivateRedis({ appendOnly: true });
const make = process.argv[2] === 'flow' ? createFlowEngine : createLedgerEngine;
const ours = await make(redis.url, DIAMOND, 'x'.repeat(1024));
for (let i = 0; i < 8; i += 1) { const a = await ours.run(400, 20); console.log((a.swarms / a.seconds).toFixed(0), (1e6 * a.redisCpuSeconds / a.swarms).toFixed(0), (1e6 * a.ownCpuSeconds / a.swarms).toFixed(0)); }
await ours.close(); await redis.stop();
