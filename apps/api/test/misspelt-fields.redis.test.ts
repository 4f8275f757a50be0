import { getTasks } from '@claude-flow/core/store/task-reads';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** A field that restricts, and is misspelt or stands in the wrong place, would restrict nothing: it has to be refused. */
let redis: TestRedis;
let api: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  api = await startTestApi(redis, {});
  swarmId = (await api.post('/api/swarm/create', { objective: OBJECTIVE })).json.swarmId;
});
afterAll(async () => {
  await api?.api.close();
  await redis?.stop();
});

const TASK = { name: 'A task', description: 'Do one more thing', type: 'coding' };
const POLICY = { write: 'ask' };
/** Where each field that restricts may stand, and how a body holds it. */
const BODIES: Record<
  string,
  { path: () => string; body: (at: string, value: object) => object; fields: object }
> = {
  'a new swarm': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({ objective: OBJECTIVE, ...value }),
    fields: {
      autoStart: false,
      maxAgents: 1,
      timeout: 30_000,
      parallel: false,
      budget: { maxTokens: 1 },
      model: 'm',
    },
  },
  'its budget': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({ objective: OBJECTIVE, budget: { maxTokens: 10, ...value } }),
    fields: { maxTokens: 1, maxCostUsd: 1 },
  },
  'its options': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({ objective: OBJECTIVE, options: value }),
    fields: { toolPolicy: POLICY },
  },
  'its webhook': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({
      objective: OBJECTIVE,
      webhook: { url: 'https://hooks.example.com/', ...value },
    }),
    fields: { secret: 'a secret of enough length', events: ['swarm.completed'] },
  },
  'a task of its own graph': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({ objective: OBJECTIVE, tasks: [{ ...TASK, key: 'a', ...value }] }),
    fields: { requirements: {}, maxRetries: 0, timeout: 1_000, onFailure: 'continue', dependencies: [] },
  },
  'requirements of a task of its own graph': {
    path: () => '/api/swarm/create',
    body: (_at, value) => ({ objective: OBJECTIVE, tasks: [{ ...TASK, key: 'a', requirements: value }] }),
    fields: { permissions: ['read'], toolPolicy: POLICY, tools: [], capabilities: [] },
  },
  'an added task': {
    path: () => `/api/swarm/${swarmId}/tasks`,
    body: (_at, value) => ({ ...TASK, ...value }),
    fields: { requirements: {}, maxRetries: 0, timeout: 1_000, onFailure: 'continue', dependencies: [] },
  },
  'requirements of an added task': {
    path: () => `/api/swarm/${swarmId}/tasks`,
    body: (_at, value) => ({ ...TASK, requirements: value }),
    fields: { permissions: ['read'], toolPolicy: POLICY, tools: [], capabilities: [] },
  },
  'a key': {
    path: () => '/api/keys',
    body: (_at, value) => ({ name: 'a key', ...value }),
    fields: { permissions: ['swarms:read'], expiresInDays: 1, owner: 'local', admin: false },
  },
  'a decision': {
    path: () => `/api/swarm/${swarmId}/approvals/approval_001_0123456789ab`,
    body: (_at, value) => ({ decision: 'approve', ...value }),
    fields: { note: 'Go ahead.' },
  },
  'an agent': {
    path: () => `/api/swarm/${swarmId}/agents`,
    body: (_at, value) => ({ type: 'coder', ...value }),
    fields: { capabilities: {} },
  },
};
const rows = Object.entries(BODIES).flatMap(([where, { path, body, fields }]) =>
  Object.entries(fields).map(([name, value]) => ({ where, name, value, path, body })),
);

const misspelt = (name: string) => {
  const middle = Math.ceil(name.length / 2);
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const forms = [
    name.toLowerCase(),
    name.toUpperCase(),
    snake,
    `${name.slice(0, middle)}${name.slice(middle + 1)}`,
    `${name.slice(0, middle)}${name[middle]}${name.slice(middle)}`,
  ];
  return forms.filter((form) => form !== name);
};

describe.each(rows)('$where: $name', ({ name, value, path, body }) => {
  test('misspelt, it is refused, named, and told right', async () => {
    for (const form of misspelt(name)) {
      const { status, json } = await api.post(path(), body('', { [form]: value }));
      expect([form, status, json.code]).toEqual([form, 400, 'validation_failed']);
      const details: { field: string; message: string }[] = json.details;
      const [fault] = details.filter(({ field }) => field.split('.').includes(form));
      expect([form, fault?.message]).toEqual([form, expect.stringContaining(name)]);
    }
  });
});

test.each([
  ['a policy beside options', { toolPolicy: POLICY }, 'toolPolicy', 'options.toolPolicy'],
  ['a tool in options', { options: { write_file: 'ask' } }, 'options.write_file', 'options.toolPolicy'],
  ['a limit beside the budget', { maxTokens: 5 }, 'maxTokens', 'budget.maxTokens'],
  ['a budget in options', { options: { budget: {} } }, 'options.budget', 'beside options'],
  [
    'a policy beside requirements',
    { tasks: [{ ...TASK, key: 'a', toolPolicy: POLICY }] },
    'tasks.0.toolPolicy',
    'requirements.toolPolicy',
  ],
])('%s is refused, and its place is told', async (_what, more, field, place) => {
  const { status, json } = await api.post('/api/swarm/create', { objective: OBJECTIVE, ...more });
  expect(status).toBe(400);
  expect(json.details).toEqual([{ field, message: expect.stringContaining(place) }]);
});

test('the policy of an added task is kept', async () => {
  const { json, status } = await api.post(`/api/swarm/${swarmId}/tasks`, {
    ...TASK,
    requirements: { toolPolicy: { write: 'deny', read_file: 'ask' } },
  });
  expect(status).toBe(201);
  const ledger = await openLedger(redis);
  const [stored] = await getTasks(ledger, swarmId, [json.taskId]);
  ledger.redis.disconnect();
  expect(stored?.spec.requirements.toolPolicy).toEqual({ write: 'deny', read_file: 'ask' });
});

test('hints that anybody may make up stay welcome', async () => {
  const options = { includeTests: true, verbosity: 'high', framework: { name: 'hono' } };
  const made = await api.post('/api/swarm/create', { objective: OBJECTIVE, options, project: 'mine' });
  expect(made.status).toBe(201);
});

describe('objects that anybody may fill have a size', () => {
  test.each([
    [
      'options',
      '/api/swarm/create',
      { objective: OBJECTIVE, options: { hint: 'é'.repeat(8_192) } },
      'options',
    ],
    ['capabilities', 'agents', { type: 'coder', capabilities: { x: 'y'.repeat(4_096) } }, 'capabilities'],
  ])('%s', async (_what, path, body, field) => {
    const to = path.startsWith('/') ? path : `/api/swarm/${swarmId}/${path}`;
    const { status, json } = await api.post(to, body);
    expect([status, json.details[0].field]).toEqual([400, field]);
    expect(json.details[0].message).toMatch(/may have at most \d+ bytes as JSON; it has \d+\./);
  });
});

describe('bodies that are all faults', () => {
  const details = async (body: object, to = '/api/swarm/create') => {
    const { status, json } = await api.post(to, body);
    expect([status, json.code]).toEqual([400, 'validation_failed']);
    return json.details as { field: string; message: string }[];
  };

  test('a list that is too long is refused before its entries are looked at, on every route', async () => {
    const many = Array.from({ length: 50_000 }, () => ({}));
    for (const [to, field, body] of [
      ['/api/swarm/create', 'tasks', { objective: OBJECTIVE, tasks: many }],
      ['/api/swarm/create', 'options.hints', { objective: OBJECTIVE, options: { hints: many } }],
      [`/api/swarm/${swarmId}/tasks`, 'dependencies', { ...TASK, dependencies: many }],
      [`/api/swarm/${swarmId}/agents`, 'capabilities.x', { type: 'coder', capabilities: { x: many } }],
      ['/api/keys', 'permissions', { name: 'x', permissions: many }],
    ] as const) {
      const message = `${field} may have at most 10000 entries; it has 50000.`;
      expect(await details(body, to)).toEqual([{ field, message }]);
    }
  });

  test('of many tasks that are none the first are told, and no others are looked at', async () => {
    const faults = await details({ objective: OBJECTIVE, tasks: Array.from({ length: 10_000 }, () => ({})) });
    expect(faults.length).toBeLessThanOrEqual(101);
    expect(faults[0]).toMatchObject({ field: 'tasks.0.key' });
  });

  test('few faults are told one by one, as ever', async () => {
    const faults = await details({ objective: OBJECTIVE, tasks: [{ ...TASK, key: 'a' }, {}, { key: 1 }] });
    expect(new Set(faults.map(({ field }) => field))).toEqual(
      new Set([
        'tasks.1.key',
        'tasks.1.name',
        'tasks.1.description',
        'tasks.2.key',
        'tasks.2.name',
        'tasks.2.description',
      ]),
    );
  });
});
