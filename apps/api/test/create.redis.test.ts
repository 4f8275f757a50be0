import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIAMOND, diamondSwarm, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const create = (body: unknown, headers: Record<string, string> = {}) =>
  server.post('/api/swarm/create', body, { headers });
const fieldsOf = (answer: { json: { details: { field: string }[] } }) =>
  answer.json.details.map(({ field }) => field);

describe('what is accepted', () => {
  test('the smallest body gets the defaults', async () => {
    const { status, json } = await create({ objective: OBJECTIVE });
    expect(status).toBe(201);
    expect(json.data).toMatchObject({
      strategy: 'auto',
      mode: 'centralized',
      maxAgents: 5,
      timeout: 300_000,
      parallel: true,
      planned: false,
    });
  });

  test.each([
    ['distributed', 'centralized'],
    ['hierarchical', 'centralized'],
  ])('the mode %s is kept, and said to run %s', async (mode, effectiveMode) => {
    const { json } = await create({ objective: OBJECTIVE, mode });
    expect(json.data).toMatchObject({ mode, effectiveMode });
  });

  test.each([
    "It's a <b>test</b> & more: /path @home #1 'quoted' \"twice\"; DROP TABLE users; SELECT *",
    'Ünïcödé 日本語 👩‍👩‍👧 مرحبا',
    '  ten chars!  \n\twith  spaces  kept\n  ',
    '😀😀😀😀😀😀😀😀😀😀',
    'x'.repeat(2000),
    ` ${'y'.repeat(2000)}   `,
  ])('the objective is kept to the letter: %j', async (objective) => {
    const { status, json } = await create({ objective });
    expect(status).toBe(201);
    const swarm = await server.call(`/api/swarm/${json.swarmId}`);
    expect(swarm.json.data.description).toBe(objective);
  });

  test('unknown fields are ignored; options are kept as they came', async () => {
    const options = { includeTests: true, verbosity: 'normal', list: [1, [], {}], nothing: null };
    const { status, json } = await create({ objective: OBJECTIVE, options, colour: 'red' });
    expect(status).toBe(201);
    expect((await server.call(`/api/swarm/${json.swarmId}`)).json.data.options).toEqual(options);
  });
});

describe('what is refused, all at once and by name', () => {
  test.each([
    [`${' '.repeat(3_000)}Build a small thing`, 3_019],
    [' '.repeat(50_000), 0],
    ['x'.repeat(2_001), 2_001],
  ])('an objective of the wrong length (%#)', async (objective, length) => {
    const answer = await create({ objective });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json.details)).toContain(`it has ${length}.`);
  });

  test('every field wrong', async () => {
    const answer = await create({
      objective: '   short   ',
      strategy: 'guess',
      mode: 'chaotic',
      maxAgents: 51,
      timeout: 29_999,
      parallel: 'yes',
      options: [],
      autoStart: 1,
      model: '',
      tasks: 'none',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ code: 'validation_failed', error: 'Validation failed', status: 400 });
    expect(fieldsOf(answer).sort()).toEqual([
      'autoStart',
      'maxAgents',
      'mode',
      'model',
      'objective',
      'options',
      'parallel',
      'strategy',
      'tasks',
      'timeout',
    ]);
    for (const { message } of answer.json.details) expect(message).toMatch(/\w/);
  });

  test.each([
    [{}, 'objective'],
    [{ objective: 7 }, 'objective'],
    [{ objective: 'x'.repeat(2001) }, 'objective'],
    [{ objective: OBJECTIVE, maxAgents: 0 }, 'maxAgents'],
    [{ objective: OBJECTIVE, maxAgents: 1.5 }, 'maxAgents'],
    [{ objective: OBJECTIVE, timeout: 3_600_001 }, 'timeout'],
    [[], '(body)'],
    ['text', '(body)'],
    [{ objective: `${OBJECTIVE}\u0000` }, 'objective'],
    [{ objective: `${OBJECTIVE} \ud800` }, 'objective'],
    [{ objective: OBJECTIVE, options: { deep: ['\u0000'] } }, 'options.deep.0'],
  ])('%j: %s', async (body, field) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toContain(field);
  });

  test('nesting without end', async () => {
    const raw = `{"objective":"${OBJECTIVE}","options":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await server.call('/api/swarm/create', { method: 'POST', raw, headers });
    expect(answer.status).toBe(400);
  });
});

describe('a graph of one’s own', () => {
  test('a diamond runs in its order, planned by nobody else', async () => {
    const worker = startMiniWorker(redis);
    try {
      const { json } = await create({ ...diamondSwarm, autoStart: true });
      expect(json).toMatchObject({ status: 'executing', data: { planned: true } });
      await waitFor(
        async () => (await server.call(`/api/swarm/${json.swarmId}`)).json.data.status === 'completed',
        { deadlineMs: 10_000, what: 'the diamond to complete' },
      );
      expect(worker.begun[0]).toBe('a');
      expect(worker.begun.slice(1, 3).sort()).toEqual(['b', 'c']);
      expect(worker.begun[3]).toBe('d');
    } finally {
      await worker.stop();
    }
  });

  test.each([
    [
      'a circle',
      [{ ...DIAMOND[0], dependencies: ['d'] }, ...DIAMOND.slice(1)],
      'tasks.0.dependencies',
      /circle/,
    ],
    ['a stranger', [{ ...DIAMOND[0], dependencies: ['zz'] }], 'tasks.0.dependencies', /"zz"/],
    ['itself', [{ ...DIAMOND[0], dependencies: ['a'] }], 'tasks.0.dependencies', /itself/],
    ['a name twice', [DIAMOND[0], DIAMOND[0]], 'tasks.1.key', /Duplicate/],
    ['no task', [], 'tasks', /no task/],
  ])('refused: %s', async (_what, tasks, field, message) => {
    const answer = await create({ objective: OBJECTIVE, tasks });
    expect(answer.status).toBe(400);
    const fault = answer.json.details.find((detail: { field: string }) => detail.field === field);
    expect(fault?.message).toMatch(message);
  });

  test('faults of single tasks and of the whole graph come together', async () => {
    const tasks = [
      { ...DIAMOND[0], name: 'x', priority: 'urgent' },
      { ...DIAMOND[1], dependencies: ['zz'] },
    ];
    const answer = await create({ objective: 'short', tasks });
    expect(fieldsOf(answer).sort()).toEqual([
      'objective',
      'tasks.0.name',
      'tasks.0.priority',
      'tasks.1.dependencies',
    ]);
  });
});

describe('Idempotency-Key', () => {
  test('the same key and body make one swarm, also ten at once', async () => {
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(diamondSwarm, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ json }) => json.swarmId)).size).toBe(1);
    const again = await create(diamondSwarm, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.json.swarmId).toBe(answers[0]?.json.swarmId);
    expect((await server.call(`/api/swarm/${again.json.swarmId}`)).json.data.planned).toBe(true);
  });

  test('a repeated request is told the same, word for word, and moves nothing in the list', async () => {
    const headers = { 'idempotency-key': 'word for word' };
    const body = { objective: OBJECTIVE };
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(body, headers)));
    const { json } = await create({ objective: 'Something that is newer' });
    answers.push(await create(body, headers));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const { swarms } = (await server.call('/api/swarms?limit=2')).json;
    expect(swarms.map(({ swarmId }: { swarmId: string }) => swarmId)).toEqual([
      json.swarmId,
      answers[0]?.json.swarmId,
    ]);
  });

  test('another body is refused', async () => {
    const headers = { 'idempotency-key': 'twice' };
    await create(diamondSwarm, headers);
    const other = await create({ ...diamondSwarm, maxAgents: 6 }, headers);
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_conflict' });
  });

  test('a retry after a crash finishes what was begun', async () => {
    const ledger = await openLedger(redis);
    try {
      const headers = { 'idempotency-key': 'crash' };
      const body = { ...diamondSwarm, autoStart: true };
      const first = await create(body, headers);
      // As if the server had died right after writing the swarm down.
      const { swarmId } = first.json;
      for (const key of ledger.keys.allOfSwarm(swarmId)) await ledger.redis.del(key);
      const again = await create(body, headers);
      expect(again.json.swarmId).toBe(swarmId);
      const swarm = await server.call(`/api/swarm/${swarmId}`);
      expect(swarm.json.data).toMatchObject({ status: 'executing', planned: true });
    } finally {
      ledger.redis.disconnect();
    }
  });
});
