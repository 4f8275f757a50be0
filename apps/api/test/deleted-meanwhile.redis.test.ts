import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { type RedisProxy, startRedisProxy } from '@claude-flow/testing/redis-proxy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { openSocket } from './socket-client.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let proxy: RedisProxy;
/** Its way to Redis can be stopped at any command. */
let slow: TestApi;
let other: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  proxy = await startRedisProxy({ targetPort: Number(new URL(redis.url).port), kill: () => undefined });
  slow = await startTestApi(redis, { REDIS_URL: proxy.url });
  other = await startTestApi(redis);
});
afterAll(async () => {
  await slow?.api.close();
  await other?.api.close();
  await proxy?.close();
  await redis?.stop();
});

const create = async () => (await other.post('/api/swarm/create', diamondSwarm)).json.swarmId as string;
const count = async () => (await slow.call('/api/system/stats')).json.server.connectedClients as number;

/** The swarm is deleted when its reader has been let in and is about to listen to it, or to read its past. */
async function deletedBefore(command: string, swarmId: string, read: () => void): Promise<void> {
  const act = 'hold' as const;
  const about = ({ name, args }: { name: string; args: string[] }) =>
    name === command && args.some((arg) => arg.includes(swarmId));
  const held = proxy.trap({ n: 1, match: about, act });
  read();
  await held;
  expect((await other.call(`/api/swarm/${swarmId}`, { method: 'DELETE' })).status).toBe(200);
  proxy.mode('pass');
}

test.each(['XRANGE', 'SUBSCRIBE'])('a socket that follows it is told, before %s', async (command) => {
  const client = await openSocket(slow.api.url);
  const swarmId = await create();
  await deletedBefore(command, swarmId, () => client.send({ type: 'subscribe', swarmId }));
  const error = await client.frame(({ type }) => type === 'error', 'a word on the swarm');
  expect(error).toMatchObject({ code: 'swarm_not_found', swarmId });
  expect(client.frames.filter(({ type }) => type === 'subscribed')).toEqual([]);
  await client.close();
});

test('a socket that follows everything goes on with the others', async () => {
  const client = await openSocket(slow.api.url);
  const [swarmId, stays] = [await create(), await create()];
  await deletedBefore('XRANGE', swarmId, () => client.send({ type: 'subscribe', swarmId: '*', after: 0 }));
  await client.frame((frame) => frame.type === 'subscribed' && frame.swarmId === '*', 'all of them');
  expect(client.frames.filter((frame) => frame.type === 'error')).toEqual([]);
  await other.post(`/api/swarm/${stays}/stop`);
  await client.frame(
    (frame) => frame.swarmId === stays && frame.eventType === 'swarm.stopped',
    'the other one',
  );
  await client.close();
});

test.each(['XRANGE', 'SUBSCRIBE'])('an event stream of it ends, before %s', async (command) => {
  const swarmId = await create();
  const before = await count();
  let opening: ReturnType<typeof openEventStream> | undefined;
  await deletedBefore(command, swarmId, () => {
    opening = openEventStream(slow.api.url, swarmId);
  });
  const stream = await opening;
  await stream?.ended();
  expect(await count()).toBe(before);
});

test('a page of its events is 404', async () => {
  const swarmId = await create();
  let asking: ReturnType<typeof slow.call> | undefined;
  await deletedBefore('XRANGE', swarmId, () => {
    asking = slow.call(`/api/swarm/${swarmId}/events`);
  });
  const answer = await asking;
  expect([answer?.status, answer?.json.code]).toEqual([404, 'swarm_not_found']);
});
