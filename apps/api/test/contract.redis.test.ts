import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diamondSwarm } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  swarmId = (await server.post('/api/swarm/create', diamondSwarm)).json.swarmId;
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

describe('201 says where the new thing is', () => {
  const task = { name: 'One more', description: 'Do one thing more', type: 'coding' };
  test.each([
    ['a swarm', () => '/api/swarm/create', { objective: 'Build a small calculator' }],
    ['a task', () => `/api/swarm/${swarmId}/tasks`, task],
    ['an agent', () => `/api/swarm/${swarmId}/agents`, { type: 'coder' }],
  ])('%s, also when the request is repeated', async (_what, path, body) => {
    const headers = { 'idempotency-key': `once for ${path()}` };
    const first = await server.post(path(), body, { headers });
    const again = await server.post(path(), body, { headers });
    const location = first.headers.get('location') ?? '';
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get('location')).toBe(location);
    expect((await server.call(location)).status).toBe(200);
  });

  test('a key: its address can be deleted', async () => {
    const made = await server.post('/api/keys', { name: 'ci' });
    const location = made.headers.get('location') ?? '';
    expect((await server.call(location, { method: 'DELETE' })).status).toBe(200);
  });
});

test('every list has a bound, and no field a default that generators would take for "always there"', async () => {
  const { components, paths, info } = (await server.call('/openapi.json')).json;
  const faults: string[] = [];
  const look = (node: unknown, path: string, isProperty: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    const {
      type,
      maxItems,
      default: value,
    } = node as { type?: unknown; maxItems?: number; default?: unknown };
    if ([type].flat().includes('array') && maxItems === undefined) faults.push(`${path} has no maxItems`);
    if (isProperty && value !== undefined) faults.push(`${path} has a default`);
    const inside = path.endsWith('/properties');
    for (const [name, inner] of Object.entries(node)) {
      if (['example', 'examples', 'default', 'enum'].includes(name) && !inside) continue;
      look(inner, `${path}/${name}`, inside);
    }
  };
  look(components.schemas, 'schemas', false);
  look(paths, 'paths', false);
  expect(faults).toEqual([]);
  expect(info.license).toEqual({ name: 'MIT', url: expect.stringMatching(/^https:/) });
});

/** How the checking library words faults. */
const LIBRARY_WORDS =
  /Invalid (input|option|string|element|key)|Too (small|big)|Unrecognized|expected .* received/;
const ODD: unknown[] = [null, true, -1, 1.5, 1e300, '', 'x', [], [[]], {}, { '': 1 }, 'x'.repeat(5_000)];

describe('what is wrong with a request is told in plain sentences', () => {
  const bodies: [string, () => string, Record<string, unknown>, string[]][] = [
    [
      'a swarm',
      () => '/api/swarm/create',
      { objective: 'Build a small calculator' },
      [
        'objective',
        'strategy',
        'mode',
        'maxAgents',
        'timeout',
        'parallel',
        'options',
        'tasks',
        'autoStart',
        'model',
      ],
    ],
    [
      'its budget and webhook',
      () => '/api/swarm/create',
      { objective: 'Build a small calculator' },
      ['budget', 'webhook'],
    ],
    [
      'a task',
      () => `/api/swarm/${swarmId}/tasks`,
      { name: 'One more', description: 'Do one thing more', type: 'coding' },
      [
        'name',
        'description',
        'type',
        'priority',
        'requirements',
        'dependencies',
        'agentType',
        'timeout',
        'maxRetries',
      ],
    ],
    ['an agent', () => `/api/swarm/${swarmId}/agents`, { type: 'coder' }, ['type', 'name', 'capabilities']],
    ['a key', () => '/api/keys', { name: 'ci' }, ['name', 'permissions', 'expiresInDays', 'owner', 'admin']],
  ];

  test.each(bodies)('%s', async (_what, path, good, fields) => {
    let refused = 0;
    for (const field of fields) {
      for (const odd of ODD) {
        const { status, json, text } = await server.post(path(), { ...good, [field]: odd });
        if (status !== 400) continue;
        refused += 1;
        expect(text).not.toMatch(LIBRARY_WORDS);
        for (const { field: named, message } of json.details) {
          expect(named).toContain(field);
          expect(message).toMatch(/\.$/);
        }
      }
    }
    for (const body of ODD) {
      const { status, text } = await server.post(path(), body ?? 'null');
      if (status === 400) expect(text).not.toMatch(LIBRARY_WORDS);
    }
    expect(refused).toBeGreaterThan(fields.length);
  });

  test('a query', async () => {
    for (const query of [
      'limit=x',
      'limit=0',
      'status=none',
      'scope=mine',
      'limit=1&limit=2',
      `cursor=${'x'.repeat(300)}`,
    ]) {
      const { status, text } = await server.call(`/api/swarms?${query}`);
      if (status === 400) expect(text).not.toMatch(LIBRARY_WORDS);
    }
  });
});
