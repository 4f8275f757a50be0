import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

const KEYS = { ann: 'ann-key-0000000000001', bob: 'bob-key-0000000000002', admin: 'admin-key-00000000003' };

/** GET /api/swarms: pages, filters, and whose swarms they are. */
let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: `${KEYS.ann},${KEYS.bob}`,
    ADMIN_API_KEYS: KEYS.admin,
    RATE_LIMIT_MAX: '100000',
  });
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

type Who = keyof typeof KEYS;
const create = async (who: Who, body: object = { objective: OBJECTIVE }) =>
  (await server.post('/api/swarm/create', body, { key: KEYS[who] })).json.swarmId as string;
const list = async (who: Who, query = '') =>
  (await server.call(`/api/swarms${query}`, { key: KEYS[who] })).json;
const idsOf = (page: { swarms: { swarmId: string }[] }) => page.swarms.map(({ swarmId }) => swarmId);

/** All pages, until there is none. */
async function all(who: Who, query: string, between?: (page: number) => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let page = 0; cursor !== null; page += 1) {
    const answer: { swarms: { swarmId: string }[]; nextCursor: string | null } = await list(
      who,
      `?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    seen.push(...idsOf(answer));
    cursor = answer.nextCursor;
    await between?.(page);
  }
  return seen;
}

describe('pages', () => {
  test('each swarm once, newest first, though some are made and some deleted between the pages', async () => {
    const made: string[] = [];
    for (let i = 0; i < 9; i += 1) made.unshift(await create('ann'));
    const seen = await all('ann', 'limit=2', async (page) => {
      await create('ann');
      // The last one of this page, at which the next one begins.
      const last = made[page * 2 + 1];
      if (last !== undefined) await server.call(`/api/swarm/${last}`, { method: 'DELETE', key: KEYS.ann });
    });
    expect(seen).toEqual(made);
  });

  test.each(['nonsense', '', 'MSBzd2FybQ', Buffer.from('1 ../../etc').toString('base64url')])(
    'the cursor %j is none',
    async (cursor) => {
      const answer = await list('ann', `?cursor=${cursor}`);
      expect(answer).toMatchObject({ status: 400, details: [{ field: 'cursor' }] });
    },
  );

  test('a cursor of somebody else shows nothing of theirs', async () => {
    await create('bob');
    await create('bob');
    const { nextCursor } = await list('bob', '?limit=1');
    const mine = await list('ann', `?cursor=${nextCursor}&limit=200`);
    const bobs = new Set(idsOf(await list('bob', '?limit=200')));
    expect(idsOf(mine).filter((id) => bobs.has(id))).toEqual([]);
  });
});

describe('by status', () => {
  test('in the words of clients, through all pages; several at once', async () => {
    const started: string[] = [];
    const stopped: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      await create('bob');
      started.unshift(await create('bob', { ...diamondSwarm, autoStart: true }));
      const id = await create('bob');
      await server.post(`/api/swarm/${id}/stop`, undefined, { key: KEYS.bob });
      stopped.unshift(id);
    }
    expect(await all('bob', 'limit=2&status=executing')).toEqual(started);
    expect(await all('bob', 'limit=1&status=failed')).toEqual(stopped);
    const both = await all('bob', 'limit=4&status=failed,executing');
    expect(both).toEqual([0, 1, 2].flatMap((i) => [stopped[i], started[i]]));
    expect(await all('bob', 'status=completed')).toEqual([]);
    const bad = await list('bob', '?status=stopped&limit=0&scope=world');
    expect(bad.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'limit',
      'scope',
      'status',
    ]);
  });
});

describe('everybody’s', () => {
  test('for administrators, with their owners; for others 403', async () => {
    const [anns, bobs] = [await create('ann'), await create('bob')];
    const { swarms } = await list('admin', '?scope=all&limit=200');
    const owners = new Map<string, string>(
      swarms.map(({ swarmId, owner }: { swarmId: string; owner: string }) => [swarmId, owner]),
    );
    expect(owners.get(anns)).toBeTypeOf('string');
    expect(owners.get(anns)).not.toBe(owners.get(bobs));
    expect([...owners.values()].join()).not.toMatch(/ann-key|bob-key/);
    expect(idsOf(await list('admin'))).toEqual([]);
    expect((await list('ann')).swarms[0].owner).toBeUndefined();
    expect(await list('ann', '?scope=all')).toMatchObject({ status: 403, code: 'permission_denied' });
    await server.call(`/api/swarm/${bobs}`, { method: 'DELETE', key: KEYS.admin });
    expect(idsOf(await list('admin', '?scope=all&limit=200'))).not.toContain(bobs);
    expect((await server.call(`/api/swarm/${bobs}`, { key: KEYS.bob })).status).toBe(404);
  });
});

test('a list costs what it shows, whatever its swarms hold: bytes that Redis sends', async () => {
  const SWARMS = 20;
  const large = { objective: 'x'.repeat(2_000), options: { hint: 'y'.repeat(16_000) } };
  const ledger = await openLedger(redis);
  const sent = async () => {
    const info = await ledger.redis.info('stats');
    return Number(/total_net_output_bytes:(\d+)/.exec(info)?.[1]);
  };
  const bytesOfList = async (who: Who, body: object) => {
    for (let i = 0; i < SWARMS; i += 1) await create(who, { ...body, tasks: diamondSwarm.tasks });
    const before = await sent();
    const page = await list(who, `?limit=${SWARMS}`);
    const bytes = (await sent()) - before;
    expect(page.swarms[0]).toMatchObject({
      progress: { totalTasks: 4, completedTasks: 0, percentComplete: 0 },
    });
    return bytes;
  };
  const small = await bytesOfList('bob', { objective: OBJECTIVE });
  const filled = await bytesOfList('ann', large);
  ledger.redis.disconnect();
  expect(filled).toBeLessThan(2 * small);
});
