import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarm, getSwarmState } from '@claude-flow/core/store/swarms';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { description } from './described.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let ledger: Ledger;
let api: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis);
  api = await startTestApi(redis, {
    AUTH_ENABLED: 'true',
    API_KEYS: 'small-key-00000000001,large-key-00000000002',
  });
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await api?.api.close();
  await redis?.stop();
});

const KEYS = { small: 'small-key-00000000001', large: 'large-key-00000000002' };
const LARGE = { objective: 'x'.repeat(2_000), options: { hint: 'y'.repeat(16_000) } };
/** These show what their creator wrote. */
const SHOWS_ALL = '/api/swarm/{id}';
/** The first event tells the objective; numbers are not of quite the same length each time. The options are 16,000. */
const SLACK_BYTES = LARGE.objective.length + 500;

async function sentFor(act: () => Promise<unknown>): Promise<number> {
  const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await ledger.redis.info('stats'))?.[1]);
  const before = await sent();
  await act();
  return (await sent()) - before;
}

const create = async (who: keyof typeof KEYS, body: object) =>
  (
    await api.post(
      '/api/swarm/create',
      { objective: OBJECTIVE, tasks: DIAMOND, autoStart: true, ...body },
      {
        key: KEYS[who],
      },
    )
  ).json.swarmId as string;

const reads = Object.entries(description.paths)
  .filter(([path, methods]) => 'get' in methods && path.startsWith('/api/swarm/{id}') && path !== SHOWS_ALL)
  .map(([path]) => path);

test('requests about a swarm with the largest objective and options read as much as those about another', async () => {
  expect(reads.length).toBeGreaterThan(10);
  const ids = { small: await create('small', {}), large: await create('large', LARGE) };
  const costs = async (who: keyof typeof KEYS, path: string) => {
    const names: Record<string, string> = { id: ids[who], agentId: 'agent_001', path: 'a.md' };
    const url = path.replace(/\{(\w+)\}/g, (_all, name: string) => names[name] ?? 'task_001');
    const read = () => api.call(url, { key: KEYS[who] });
    // The first one may have to look the key up.
    await read();
    return sentFor(read);
  };
  const dearer: Record<string, number> = {};
  for (const path of reads) {
    const [small, large] = [await costs('small', path), await costs('large', path)];
    if (large - small >= SLACK_BYTES) dearer[path] = large - small;
  }
  expect(dearer).toEqual({});
});

test('commands read no more for it either, but for the answer that shows it once', async () => {
  const added = { name: 'A task', description: 'Do one more thing', type: 'coding' };
  const costs = async (who: keyof typeof KEYS, body: object) => {
    const id = await create(who, body);
    const add = () => api.post(`/api/swarm/${id}/tasks`, added, { key: KEYS[who] });
    await add();
    return sentFor(add);
  };
  const [small, large] = [await costs('small', {}), await costs('large', LARGE)];
  expect(large - small).toBeLessThan(SLACK_BYTES);
});

test('a state is the record without what its creator wrote', async () => {
  const id = await create('large', { ...LARGE, budget: { maxTokens: 1_000 }, model: 'claude-opus-4-1' });
  const record = await getSwarm(ledger, id);
  const { objective, options, ...state } = record ?? { objective: '', options: {} };
  expect([objective, options]).toEqual([LARGE.objective, LARGE.options]);
  expect(await getSwarmState(ledger, id)).toEqual(state);
});
