import { getTasks } from '@claude-flow/core/store/task-reads';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { bodyWith, parts, requestBodies, sample } from './request-schemas.ts';
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

/**
 * A body that may hold fields which nobody reads: names this short are taken for such, unless only capitals or separators differ.
 * Everywhere else whatever is not known is refused.
 */
const OPEN_BODY = 'POST /api/swarm/create';
const SHORT = 5;

/** Every object that a request may hold, and every field of it, as the description has them: a new one is here by itself. */
const fields = requestBodies.flatMap(({ method, path, schema }) =>
  [...parts(schema)].flatMap((part) =>
    Object.entries(part.schema.properties ?? {}).map(([name, field]) => ({
      name,
      value: sample(field),
      siblings: Object.keys(part.schema.properties ?? {}),
      route: `${method.toUpperCase()} ${path}`,
      where: part.path.join('.') || 'the body',
      body: (form: string) =>
        bodyWith(schema, part.path, { ...(sample(part.schema) as object), [form]: sample(field) }),
    })),
  ),
);

const misspelt = (name: string) => {
  const camel = name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  const joined = (by: string) => camel.replace(/[A-Z]/g, (letter) => `${by}${letter.toLowerCase()}`);
  const caseOnly = [
    name.toLowerCase(),
    name.toUpperCase(),
    `${camel[0]?.toUpperCase()}${camel.slice(1)}`,
    camel,
    joined('_'),
    joined('-'),
  ];
  const places = Array.from(name, (_letter, at) => at);
  const slips = [
    ...places.map((at) => `${name.slice(0, at)}${name.slice(at + 1)}`),
    ...places.map((at) => `${name.slice(0, at)}${name[at]}${name.slice(at)}`),
  ];
  return { caseOnly: [...new Set(caseOnly)], slips: [...new Set(slips)] };
};

test('the fields that restrict are among those that the description has', () => {
  const names = fields.map(({ route, where, name }) => `${route} ${where} ${name}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'POST /api/swarm/create the body budget',
      'POST /api/swarm/create the body timeout',
      'POST /api/swarm/create budget maxCostUsd',
      'POST /api/swarm/create options toolPolicy',
      'POST /api/swarm/create options.toolPolicy write_file',
      'POST /api/swarm/create tasks.*.requirements permissions',
      'POST /api/swarm/create tasks.*.requirements.toolPolicy write',
      'POST /api/swarm/{id}/tasks requirements toolPolicy',
      'POST /api/swarm/{id}/agents the body capabilities',
      'POST /api/swarm/{id}/approvals/{approvalId} the body decision',
      'POST /api/keys the body permissions',
      'POST /api/keys the body expiresInDays',
    ]),
  );
});

describe.each(fields)('$route, $where: $name', ({ name, siblings, route, where, body }) => {
  test('misspelt, it is refused, named, and told right', async () => {
    const { caseOnly, slips } = misspelt(name);
    const open = route === OPEN_BODY && where === 'the body';
    const forms = open && name.length < SHORT ? caseOnly : [...caseOnly, ...slips];
    const url = route.split(' ')[1] ?? '';
    const ids: Record<string, string> = { id: swarmId, approvalId: 'approval_001_0123456789ab' };
    const to = url.replace(/\{(\w+)\}/g, (_all, id: string) => ids[id] ?? `${id.replace('Id', '')}_001`);
    // One that is another field of the same object is no slip that anybody could see.
    for (const form of forms.filter((each) => !siblings.includes(each))) {
      const { status, json } = await api.post(to, body(form));
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
