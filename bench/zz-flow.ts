import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createFlowEngine } from './engine/flow-engine.ts';
import { DIAMOND } from './engine/graphs.ts';
import { CONCURRENCY } from './engine/measure.ts';
const redis = await startPrivateRedis({ appendOnly: true });
const flow = await createFlowEngine(redis.url, DIAMOND, 'x'.repeat(1024));
await flow.run(200, 20);
const c = [];
for (let i = 0; i < 5; i += 1) { const b = await flow.run(200, 20); c.push([(b.swarms / b.seconds).toFixed(0), (1e6 * b.redisCpuSeconds / b.swarms).toFixed(0)].join('/')); }
console.log(CONCURRENCY, c.join(' '));
await flow.close(); await redis.stop();
