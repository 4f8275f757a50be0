import { startPrivateRedis } from '@claude-flow/local-stack/redis-server/private-redis';
import { createRedis } from '@claude-flow/core/redis/connect';
import { createKeys } from '@claude-flow/core/redis/keys';
import { loadScripts } from '@claude-flow/core/redis/scripts';
const redis = await startPrivateRedis({ appendOnly: true });
const admin = createRedis({ url: redis.url, name: 'prof', mode: 'patient' });
const keys = createKeys('x');
const scripts = loadScripts(keys);
const id = 'swarm_9r7a9off9_aaaaaaaaa';
async function time(label: string, f: () => Promise<unknown>, n = 5000) {
  await f();
  await admin.config('RESETSTAT');
  for (let i = 0; i < n; i += 100) await Promise.all(Array.from({ length: 100 }, f));
  const info = await admin.info('commandstats');
  const m = /cmdstat_(?:evalsha|fcall):calls=(\d+),usec=(\d+)/.exec(info);
  console.log(label, (Number(m?.[2]) / Number(m?.[1])).toFixed(2), 'us');
}
const { newSwarmId } = await import('@claude-flow/core/domain/ids');
const sid = newSwarmId(Date.now());
for (const name of ['complete-task', 'claim-task', 'start', 'dispatch', 'store-plan', 'create-swarm', 'heartbeat-task']) {
  const s = scripts.get(name);
  const args = Object.fromEntries(s.argv.map((a) => [a, '1']));
  if (name === 'create-swarm') continue;
  await time(name + ' on nothing', () => scripts.run(admin, name, { swarmId: sid, taskId: 'task_001' }, args));
}
const sha = (await admin.script('LOAD', 'return 1')) as string;
await time('return 1', () => admin.evalsha(sha, 0));
const sha2 = (await admin.script('LOAD', 'local t=redis.call("TIME") return {1,2,"a"}')) as string;
await time('TIME', () => admin.evalsha(sha2, 0));
const sha3 = (await admin.script('LOAD', 'for i=1,10 do redis.call("HGET",KEYS[1],"x") end return 1')) as string;
await time('10 hget', () => admin.evalsha(sha3, 1, 'q'));
const state = JSON.stringify({ id: 'task_001', sequence: 1, status: 'running', priority: 2, agentType: 'coder', onFailure: 'skip-dependents', maxRetries: 0, attempt: 1, failures: 0, crashes: 0, turns: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 0, createdAt: 1763880000000, queuedAt: 1763880000000, startedAt: 1763880000000, token: '0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f', workerId: 'bench', agentId: 'agent_001' });
const sha4 = (await admin.script('LOAD', 'local t = cjson.decode(ARGV[1]) return 1')) as string;
await time('decode task', () => admin.evalsha(sha4, 0, state));
const sha5 = (await admin.script('LOAD', 'local t = cjson.decode(ARGV[1]) return #cjson.encode(t)')) as string;
await time('decode+encode task', () => admin.evalsha(sha5, 0, state));
const sha6 = (await admin.script('LOAD', 'redis.call("XADD",KEYS[1],"*","e",ARGV[1]) redis.call("XADD",KEYS[1],"*","e",ARGV[1]) redis.call("XADD",KEYS[1],"*","e",ARGV[1]) redis.call("XADD",KEYS[1],"*","e",ARGV[1]) redis.call("XADD",KEYS[1],"*","e",ARGV[1]) return 1')) as string;
await time('5 xadd', () => admin.evalsha(sha6, 1, 'st', state));
const sha7 = (await admin.script('LOAD', 'redis.call("XADD",KEYS[1],"*","e",ARGV[1]..ARGV[1]..ARGV[1]..ARGV[1]..ARGV[1]) return 1')) as string;
await time('1 xadd of 5', () => admin.evalsha(sha7, 1, 'st', state));
admin.disconnect();
await redis.stop();
