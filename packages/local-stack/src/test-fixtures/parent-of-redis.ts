/** Starts a private Redis, says its process id, and waits to be killed. */
import { startPrivateRedis } from '../redis-server/private-redis.ts';

const redis = await startPrivateRedis();
console.log(JSON.stringify({ pids: [redis.pid], folder: redis.dataDir }));
setInterval(() => {}, 1_000);
