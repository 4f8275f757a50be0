import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** What is too much for the schemas is refused before they see it, and in a large list other requests have their turn. */
let redis: TestRedis;
let server: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  swarmId = (await server.post('/api/swarm/create', { objective: OBJECTIVE })).json.swarmId;
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const many = (count: number, value: unknown) => Array.from({ length: count }, () => value);
const fields = (count: number) => Object.fromEntries(many(count, 1).map((one, i) => [`field${i}`, one]));
const task = { key: 'a', name: 'A task', description: 'Do one more thing' };

/** Every list and object that a body may hold anywhere, far too large. */
const TOO_WIDE: [string, string, object, string, RegExp][] = [
  ['tasks', '/api/swarm/create', { tasks: many(50_000, {}) }, 'tasks', /at most 10000 entries; it has 50000/],
  ['numbers as tasks', '/api/swarm/create', { tasks: many(90_000, 1) }, 'tasks', /10000 entries/],
  [
    'dependencies',
    '/api/swarm/create',
    { tasks: [{ ...task, dependencies: many(50_000, 1) }] },
    'tasks.0.dependencies',
    /entries/,
  ],
  ['fields of a task', '/api/swarm/create', { tasks: [fields(50_000)] }, 'tasks.0', /at most 1000 fields/],
  ['options', '/api/swarm/create', { options: fields(50_000) }, 'options', /at most 1000 fields/],
  ['a budget', '/api/swarm/create', { budget: fields(50_000) }, 'budget', /fields/],
  [
    'events of a webhook',
    '/api/swarm/create',
    { webhook: { events: many(50_000, {}) } },
    'webhook.events',
    /entries/,
  ],
  ['the body', '/api/swarm/create', fields(50_000), '(body)', /^The body may have at most 1000 fields/],
  [
    'words of a task',
    'tasks',
    { requirements: { tools: many(50_000, {}) } },
    'requirements.tools',
    /entries/,
  ],
  [
    'a policy',
    'tasks',
    { requirements: { toolPolicy: fields(50_000) } },
    'requirements.toolPolicy',
    /fields/,
  ],
  ['capabilities', 'agents', { capabilities: fields(50_000) }, 'capabilities', /fields/],
  ['permissions of a key', '/api/keys', { permissions: many(50_000, {}) }, 'permissions', /entries/],
];
test.each(TOO_WIDE)(
  '%s: one fault, told before the schema is asked',
  async (_what, path, body, field, sentence) => {
    const to = path.startsWith('/') ? path : `/api/swarm/${swarmId}/${path}`;
    const { status, json } = await server.post(to, body);
    // The schema would have told of missing fields too.
    expect([status, json.details]).toEqual([400, [{ field, message: expect.stringMatching(sentence) }]]);
  },
);

test('of a long list of faulty tasks the first hundred faults are told, and the others are not looked for', async () => {
  const { status, json } = await server.post('/api/swarm/create', {
    objective: OBJECTIVE,
    tasks: many(10_000, {}),
  });
  expect([status, json.details.length]).toEqual([400, 100]);
  expect(json.details[0]).toMatchObject({ field: 'tasks.0.key' });
  const places = json.details.map(({ field }: { field: string }) => Number(field.split('.')[1]));
  expect(Math.max(...places)).toBeLessThan(100);
});

test('while a long list is checked, other requests are answered', async () => {
  const tasks = many(9_000, task).map((one, i) => ({
    ...task,
    key: `key${i}`,
    unknown: one === task && i === 8_999 ? 1 : undefined,
  }));
  const order: string[] = [];
  const long = server.post('/api/swarm/create', { objective: OBJECTIVE, tasks }).then((answer) => {
    order.push('long');
    return answer;
  });
  const turns = (async () => {
    let count = 0;
    while (!order.includes('long')) {
      await server.call('/health/live');
      count += 1;
    }
    return count;
  })();
  const { status, json } = await long;
  expect([status, json.details]).toEqual([400, [expect.objectContaining({ field: 'tasks.8999.unknown' })]]);
  expect(await turns).toBeGreaterThan(3);
});

test('faults of single tasks and of the graph are told together', async () => {
  const tasks = [
    { ...task, name: 'x' },
    { ...task, dependencies: ['nobody'] },
  ];
  const { json } = await server.post('/api/swarm/create', { objective: OBJECTIVE, tasks });
  const told = json.details.map(({ field }: { field: string }) => field);
  expect(told).toEqual(['tasks.0.name', 'tasks.1.key', 'tasks.1.dependencies']);
});
