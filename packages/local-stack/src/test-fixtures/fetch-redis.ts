/** Fetches the distribution's Redis into the cache named by XDG_CACHE_HOME and says where it is, or why not. */
import { fetchDebianRedis } from '../redis-server/fetch-debian-redis.ts';
import { readLinuxRelease } from '../redis-server/linux-release.ts';

const release = await readLinuxRelease();
if (release === undefined) throw new Error('This is no Linux.');
const told: string[] = [];
const result = await fetchDebianRedis({ release, onProgress: (text) => told.push(text) }).then(
  (program) => ({ program }),
  (error: Error) => ({ failure: error.message }),
);
console.log(JSON.stringify({ ...result, told }));
