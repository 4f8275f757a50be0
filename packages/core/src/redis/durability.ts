import { eachServer, type RedisClient } from './connect.ts';

/**
 * What this Redis may lose when it is killed, in a sentence for the log at boot. A warning, not a refusal: whoever runs
 * without an append-only file may have chosen to.
 * @returns undefined when every answered write is on disk
 */
export async function durabilityWarning(redis: RedisClient): Promise<string | undefined> {
  let servers: { persistence: string; fsync: string | undefined }[];
  try {
    servers = await eachServer(redis, async (server) => ({
      persistence: await server.info('persistence'),
      fsync: await fsyncPolicy(server),
    }));
  } catch {
    return 'How durable Redis is could not be asked. Run it with appendonly yes and appendfsync always, or accepted swarms may be lost when it is killed.';
  }
  if (servers.some(({ persistence }) => !/^aof_enabled:1\r?$/m.test(persistence))) {
    return 'Redis keeps no append-only file: when it is killed, swarms and results since its last snapshot are lost. Set appendonly yes and appendfsync always.';
  }
  const weak = servers.find(({ fsync }) => fsync !== 'always');
  if (weak === undefined) return undefined;
  if (weak.fsync === undefined) {
    return 'Redis does not tell its appendfsync. Unless it is always, the last moments before a power loss can be lost, accepted swarms included.';
  }
  return `Redis writes its append-only file with appendfsync ${weak.fsync}: up to the last ${weak.fsync === 'everysec' ? 'two seconds' : 'half minute'} before a power loss can be lost, accepted swarms included. Set appendfsync always.`;
}

/** Hosted servers often refuse CONFIG. */
async function fsyncPolicy(server: { config(...args: ['GET', string]): Promise<unknown> }) {
  try {
    const answer = await server.config('GET', 'appendfsync');
    return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
  } catch {
    return undefined;
  }
}
