import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const KEY = 'a-user-key-of-this-test';
let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, {
    AUTH_ENABLED: 'true',
    API_KEYS: KEY,
    HOST: '127.0.0.1',
    RATE_LIMIT_FAILED_AUTH: '3',
  });
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const newTicket = async () => (await server.post('/api/ws-ticket', undefined, { key: KEY })).json.ticket;
async function endedSwarm(): Promise<{ swarmId: string; count: number }> {
  const { swarmId } = (await server.post('/api/swarm/create', diamondSwarm, { key: KEY })).json;
  await server.post(`/api/swarm/${swarmId}/stop`, undefined, { key: KEY });
  const { data } = (await server.call(`/api/swarm/${swarmId}`, { key: KEY })).json;
  return { swarmId, count: data.lastEvent };
}
const path = (swarmId: string, query = '') => `/api/swarm/${swarmId}/events${query}`;
const stream = { accept: 'text/event-stream' };

/** The EventSource of browsers, as Node has it. @returns what it saw until it did not come back any more */
async function eventSource(address: string): Promise<{ messages: number; types: string[]; opened: number }> {
  const program = `
    const seen = { messages: 0, types: [], opened: 0 };
    const source = new EventSource(${JSON.stringify(address)});
    source.onopen = () => { seen.opened += 1; };
    source.onmessage = ({ data }) => { seen.messages += 1; seen.types.push(JSON.parse(data).eventType); };
    process.on('exit', () => console.log(JSON.stringify(seen)));`;
  const flags = ['--no-warnings', '--experimental-eventsource', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 30_000 });
  return JSON.parse(stdout);
}

describe('an EventSource', () => {
  test('gets everything by onmessage when it asks so, comes back once, and is told to stop', async () => {
    const open = await startTestApi(redis);
    try {
      const { swarmId } = (await open.post('/api/swarm/create', diamondSwarm)).json;
      await open.post(`/api/swarm/${swarmId}/stop`);
      const { lastEvent } = (await open.call(`/api/swarm/${swarmId}`)).json.data;
      const seen = await eventSource(`${open.api.url}${path(swarmId, '?named=false')}`);
      expect(seen.opened).toBe(1);
      expect(seen.messages).toBe(lastEvent);
      expect(seen.types.at(-1)).toBe('swarm.stopped');
      expect((await eventSource(`${open.api.url}${path(swarmId)}`)).messages).toBe(0);
    } finally {
      await open.api.close();
    }
  });

  test('named takes true and false alone, and says so', async () => {
    const { swarmId } = await endedSwarm();
    const refused = await server.call(path(swarmId, '?named=maybe'), { key: KEY, headers: stream });
    expect(refused.status).toBe(400);
    expect(refused.json.details).toEqual([{ field: 'named', message: 'named must be true or false.' }]);
  });

  test('comes in by a ticket, once; repeating the address is not held against anybody', async () => {
    const { swarmId, count } = await endedSwarm();
    const seen = await eventSource(
      `${server.api.url}${path(swarmId, `?named=false&ticket=${await newTicket()}`)}`,
    );
    expect(seen).toMatchObject({ opened: 1, messages: count });
    const address = path(swarmId, `?ticket=${await newTicket()}`);
    expect((await server.call(address, { headers: stream })).status).toBe(200);
    for (let time = 0; time < 10; time += 1) {
      const again = await server.call(address, { headers: stream });
      expect(again.status).toBe(401);
      expect(again.json.message).toContain('/api/ws-ticket');
    }
    const guessed = () => server.call(path(swarmId, '?ticket=guess'), { headers: stream });
    expect((await guessed()).status).toBe(401);
    expect((await guessed()).status).toBe(401);
    expect((await guessed()).status).toBe(401);
    expect((await guessed()).status).toBe(429);
  });

  test('of many that use one ticket at the same time, one comes in', async () => {
    const { swarmId } = await endedSwarm();
    const address = path(swarmId, `?ticket=${await newTicket()}`);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.call(address, { headers: stream })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('a ticket opens streams and nothing else, and only what its owner may see', async () => {
    const { swarmId } = await endedSwarm();
    const ticket = await newTicket();
    const json = await server.call(path(swarmId, `?ticket=${ticket}`), { key: KEY });
    expect(json.status).toBe(200);
    expect((await server.call(`/api/swarm/${swarmId}?ticket=${ticket}`)).status).not.toBe(200);
    const other = await server.call(path('swarm_mdnsk2o1_4ixwmn7rj', `?ticket=${ticket}`), {
      headers: stream,
    });
    expect(other.status).toBe(404);
  });
});
