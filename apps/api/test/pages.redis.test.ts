import { askApproval } from '@claude-flow/core/store/approvals';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { startSwarm } from '@claude-flow/core/store/swarms';
import { claimTask, dispatchTasks } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import openApi from '../../../docs/openapi.json' with { type: 'json' };
import { OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** More than two pages of 200, so that there is a first one, one in between and a last one. */
const TASKS = 430;
const KEYS = { ann: 'ann-key-0000000000001', bob: 'bob-key-0000000000002' };
type Who = keyof typeof KEYS;

let redis: TestRedis;
let server: TestApi;
let ledger: Ledger;
/** Of ann: 430 tasks, all completed, some with files. */
let large: string;

const taskOf = (n: number) => ({
  key: `k${n}`,
  name: `Task ${n}`,
  description: `Do part ${n}, and do it well`,
  type: 'coding',
  agentType: 'coder',
  dependencies: n % 10 === 0 || n === 1 ? [] : [`k${n - 1}`],
});
const tasksOf = (count: number) => Array.from({ length: count }, (_, at) => taskOf(at + 1));
const create = async (who: Who, count: number, autoStart = false) => {
  const body = { objective: OBJECTIVE, tasks: tasksOf(count), autoStart, maxAgents: 30 };
  const answer = await server.post('/api/swarm/create', body, { key: KEYS[who] });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.swarmId as string;
};
const get = (who: Who, path: string) => server.call(path, { key: KEYS[who] });

beforeAll(async () => {
  redis = await startTestRedis({ ownServer: true });
  server = await startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: Object.values(KEYS).join(','),
    RATE_LIMIT_MAX: '100000',
    RATE_LIMIT_READS: '100000',
  });
  ledger = await openLedger(redis);
  const files = Object.fromEntries(
    [3, 3 + 200, TASKS].map((n) => [
      `k${n}`,
      Array.from({ length: 150 }, (_, at) => ({
        path: `f${n}/${at}.txt`,
        content: Buffer.from(`${n} ${at}`),
      })),
    ]),
  );
  const worker = startMiniWorker(redis, { files, quality: 0.5 });
  large = await create('ann', TASKS, true);
  await waitFor(async () => (await get('ann', `/api/swarm/${large}`)).json.data.status === 'completed', {
    deadlineMs: 120_000,
    what: 'the large swarm to complete',
  });
  await worker.stop();
}, 180_000);
afterAll(async () => {
  ledger?.redis.disconnect();
  await server?.api.close();
  await redis?.stop();
});

type Page = Record<string, unknown[]> & { count: number; nextCursor: string | null };

/** Page after page to the end. */
async function pagesOf(path: string, query = '', between?: (page: number) => Promise<void>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await get('ann', `${path}?${query}${at}`);
    expect(answer.status, answer.text).toBe(200);
    pages.push(answer.json);
    cursor = answer.json.nextCursor;
    await between?.(pages.length);
  }
  return pages;
}

const idsOf = (list: unknown) =>
  (list as { id: string | { id: string } }[]).map(({ id }) => (typeof id === 'string' ? id : id.id));
const taskIds = (count: number) =>
  Array.from({ length: count }, (_, at) => `task_${String(at + 1).padStart(3, '0')}`);

describe('each thing once, in order, 200 at most in a page', () => {
  test('tasks', async () => {
    const pages = await pagesOf(`/api/swarm/${large}/tasks`);
    expect(pages.map(({ count }) => count)).toEqual([200, 200, 30]);
    expect(pages.flatMap(({ tasks }) => idsOf(tasks))).toEqual(taskIds(TASKS));
    const small = await pagesOf(`/api/swarm/${large}/tasks`, 'limit=7&status=completed');
    expect(small.flatMap(({ tasks }) => idsOf(tasks))).toEqual(taskIds(TASKS));
    expect(
      (await pagesOf(`/api/swarm/${large}/tasks`, 'status=failed')).flatMap(({ tasks }) => tasks),
    ).toEqual([]);
  });

  test('the graph: levels and edges are those of the whole, whichever page is asked for first', async () => {
    const pages = await pagesOf(`/api/swarm/${large}/graph`);
    expect(pages.flatMap(({ nodes }) => idsOf(nodes))).toEqual(taskIds(TASKS));
    const levels = (page: Page) => (page['nodes'] as { level: number }[]).map(({ level }) => level);
    const expected = tasksOf(TASKS).map((_, at) => (at < 9 ? at : (at + 1) % 10));
    expect(pages.flatMap(levels)).toEqual(expected);
    const edges = pages.flatMap((page) => page['edges'] as { from: string; to: string }[]);
    expect(edges).toHaveLength(tasksOf(TASKS).flatMap(({ dependencies }) => dependencies).length);
    // Another server has seen no page before.
    const fresh = await startTestApi(redis, { HOST: '127.0.0.1', AUTH_ENABLED: 'true', API_KEYS: KEYS.ann });
    const last = await fresh.call(`/api/swarm/${large}/graph?cursor=401`, { key: KEYS.ann });
    expect(levels(last.json)).toEqual(expected.slice(400));
    await fresh.api.close();
  });

  test('agents', async () => {
    const all = (await get('ann', `/api/swarm/${large}/agents`)).json;
    const pages = await pagesOf(`/api/swarm/${large}/agents`, 'limit=4');
    expect(pages.flatMap(({ agents }) => agents)).toEqual(all.agents);
    expect(all.count).toBeGreaterThan(4);
    expect(pages.slice(0, -1).map(({ count }) => count)).toEqual(pages.slice(1).map(() => 4));
  });

  test('artifacts, also where a page ends among the files of one task', async () => {
    const pages = await pagesOf(`/api/swarm/${large}/artifacts`);
    const found = pages.flatMap(({ artifacts }) => artifacts as { taskId: string; path: string }[]);
    expect(pages.map(({ count }) => count)).toEqual([200, 200, 50]);
    expect(new Set(found.map(({ path }) => path)).size).toBe(450);
    expect(found.map(({ taskId }) => taskId)).toEqual(
      found.map(({ taskId }) => taskId).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })),
    );
  });

  test('results: the pages together are the outputs, keys and artifacts of the whole', async () => {
    const whole = (await get('ann', `/api/swarm/${large}/results`)).json;
    const pages = (await pagesOf(`/api/swarm/${large}/results`, 'limit=200')) as unknown as (typeof whole)[];
    expect(pages).toHaveLength(3);
    for (const part of ['outputs', 'keys', 'artifacts'] as const) {
      expect(Object.assign({}, ...pages.map(({ results }) => results[part]))).toEqual(whole.results[part]);
    }
    expect(whole).toMatchObject({ swarmId: large, status: 'completed' });
    expect('nextCursor' in whole).toBe(false);
    expect(Object.keys(whole.results.outputs)).toEqual(taskIds(TASKS));
    expect(whole.results.outputs.task_005).toBe('output of k5');
    expect(whole.results).toMatchObject({ conflicts: [], overallQuality: 0.5, summary: null });
    expect(pages[1].results).toMatchObject({ conflicts: null, overallQuality: 0.5 });
  });

  test('approvals, with decisions between the pages', async () => {
    const swarmId = await create('ann', 9);
    await startSwarm(ledger, swarmId);
    const { queued } = await dispatchTasks(ledger, swarmId, 100);
    for (const { taskId, attempt } of queued) {
      const claim = { swarmId, taskId, attempt, token: `token-${taskId}` };
      expect((await claimTask(ledger, { ...claim, workerId: 'w' })).claimed).toBe(true);
      const wishes = Array.from({ length: 5 }, (_, at) => ({
        kind: 'tool' as const,
        turn: 1,
        callId: `c${at}`,
        tool: 'write_file',
        input: { path: `${at}.txt` },
      }));
      await askApproval(ledger, claim, wishes);
    }
    const whole = (await get('ann', `/api/swarm/${swarmId}/approvals`)).json;
    const pages = await pagesOf(`/api/swarm/${swarmId}/approvals`, 'limit=2', async () => {
      const [first] = whole.approvals;
      await server.post(
        `/api/swarm/${swarmId}/approvals/${first.id}`,
        { decision: 'deny' },
        { key: KEYS.ann },
      );
    });
    expect(pages.flatMap(({ approvals }) => idsOf(approvals))).toEqual(idsOf(whole.approvals));
    expect(whole.count).toBeGreaterThanOrEqual(5);
  });
});

test('tasks that are added between the pages stand in a later one; none is shown twice', async () => {
  const swarmId = await create('ann', 20);
  const seen: string[] = [];
  await pagesOf(`/api/swarm/${swarmId}/tasks`, 'limit=7', async (page) => {
    if (page > 2) return;
    const added = await server.post(
      `/api/swarm/${swarmId}/tasks`,
      { name: `Added ${page}`, description: 'Do this as well, please', type: 'coding' },
      { key: KEYS.ann },
    );
    expect(added.status, added.text).toBe(201);
  }).then((pages) => seen.push(...pages.flatMap(({ tasks }) => idsOf(tasks))));
  expect(seen).toEqual(taskIds(22));
});

test('a page, or a cursor, that is none is refused with a sentence', async () => {
  for (const what of ['tasks', 'agents', 'graph', 'artifacts', 'approvals', 'results']) {
    for (const [query, field] of [
      ['limit=201', 'limit'],
      ['limit=0', 'limit'],
      ['cursor=-1', 'cursor'],
      ['cursor=nonsense', 'cursor'],
      [`cursor=${'9'.repeat(30)}`, 'cursor'],
    ]) {
      const { status, json } = await get('ann', `/api/swarm/${large}/${what}?${query}`);
      expect([what, query, status, json.details?.[0]?.field]).toEqual([what, query, 400, field]);
    }
  }
  // One behind the end is a page without anything in it.
  expect((await get('ann', `/api/swarm/${large}/tasks?cursor=9999`)).json).toMatchObject({
    count: 0,
    nextCursor: null,
  });
});

/** Bytes that Redis has sent to all its clients. */
async function sent(): Promise<number> {
  const info = await ledger.redis.info('stats');
  return Number(/total_net_output_bytes:(\d+)/.exec(info)?.[1]);
}
async function bytesFor(who: Who, path: string): Promise<number> {
  await get(who, path);
  const before = await sent();
  await get(who, path);
  return (await sent()) - before;
}

test("what a page costs follows from what it shows, not from its swarm's size: bytes that Redis sends", async () => {
  const small = await create('bob', 20);
  for (const what of ['tasks', 'graph', 'artifacts', 'results']) {
    const ofLarge = await bytesFor('ann', `/api/swarm/${large}/${what}?limit=20`);
    const ofSmall = await bytesFor('bob', `/api/swarm/${small}/${what}?limit=20`);
    const whole = await bytesFor(
      'ann',
      `/api/swarm/${large}/${what === 'results' ? what : `${what}?limit=200`}`,
    );
    // With results and files that the small swarm has not.
    expect([what, ofLarge < 4 * ofSmall]).toEqual([what, true]);
    expect([what, ofLarge < whole]).toEqual([what, true]);
  }
});

test('a page costs reads by what it holds, and the whole by its size', async () => {
  const limited = await startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: Object.values(KEYS).join(','),
    RATE_LIMIT_READS: '1000',
    REDIS_PREFIX: redis.prefix,
  });
  const left = async () => {
    const { headers } = await limited.call('/api/swarms?limit=1', { key: KEYS.ann });
    return Number(headers.get('ratelimit-remaining'));
  };
  const cost = async (path: string) => {
    const before = await left();
    expect((await limited.call(path, { key: KEYS.ann })).status).toBe(200);
    return before - (await left()) - 1;
  };
  expect(await cost(`/api/swarm/${large}/tasks/task_001`)).toBe(1);
  expect(await cost(`/api/swarm/${large}/tasks?limit=50`)).toBe(1);
  expect(await cost(`/api/swarm/${large}/tasks?limit=200`)).toBe(3);
  // What is read and not shown costs as much.
  expect(await cost(`/api/swarm/${large}/tasks?status=failed`)).toBe(1 + Math.floor(TASKS / 100));
  expect(await cost(`/api/swarm/${large}/metrics`)).toBeGreaterThan(Math.floor(TASKS / 100));
  expect(await cost(`/api/swarm/${large}/artifacts.tar`)).toBe(1 + Math.floor(TASKS / 100));
  await limited.api.close();
});

test('results are written as they are read: a large one is more than the API ever holds of it', async () => {
  const swarmId = await create('ann', 40, true);
  const output = 'x'.repeat(600_000);
  const worker = startMiniWorker(redis, { output: () => output });
  await waitFor(async () => (await get('ann', `/api/swarm/${swarmId}`)).json.data.status === 'completed', {
    deadlineMs: 60_000,
    what: 'the swarm with large outputs to complete',
  });
  await worker.stop();
  const { json } = await get('ann', `/api/swarm/${swarmId}/results`);
  expect(Object.values(json.results.outputs)).toEqual(Array.from({ length: 40 }, () => output));
  // A page ends early when it is full: 4 MiB are seven of these.
  const pages = await pagesOf(`/api/swarm/${swarmId}/tasks`, 'limit=200');
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flatMap(({ tasks }) => idsOf(tasks))).toEqual(taskIds(40));
  // A reader that goes after the first bytes ends the reading: what was on its way is a part of it.
  const before = await sent();
  const leaving = new AbortController();
  const response = await fetch(`${server.api.url}/api/swarm/${swarmId}/results`, {
    headers: { 'x-api-key': KEYS.ann },
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  await expect(reader?.read()).rejects.toThrow();
  expect((await sent()) - before).toBeLessThan(0.9 * 40 * output.length);
});

/** Routes whose answers are no part of a swarm, or never end. */
const PATHS = Object.entries(openApi.paths)
  .filter(([path, methods]) => path.startsWith('/api/swarm/{id}') && 'get' in methods)
  .map(([path]) => path);
/** Bytes that one read may make Redis send: its portion, a request's own look-ups, and what is read at once beyond a portion. */
const BYTES_PER_READ = 1_500_000;

test('every route of a swarm costs reads by what it reads, shown or not: bytes that Redis sends for each', async () => {
  const limited = await startTestApi(redis, {
    HOST: '127.0.0.1',
    AUTH_ENABLED: 'true',
    API_KEYS: Object.values(KEYS).join(','),
    RATE_LIMIT_READS: '100000',
  });
  const swarmId = await create('ann', 40, true);
  const output = 'x'.repeat(90_000);
  const worker = startMiniWorker(redis, { output: () => output });
  await waitFor(async () => (await get('ann', `/api/swarm/${swarmId}`)).json.data.status === 'completed', {
    deadlineMs: 60_000,
    what: 'the swarm with large outputs to complete',
  });
  await worker.stop();
  const ask = (path: string) => limited.call(path, { key: KEYS.ann });
  const left = async () => Number((await ask('/api/swarms?limit=1')).headers.get('ratelimit-remaining'));
  expect(PATHS.length).toBeGreaterThan(12);
  for (const path of PATHS) {
    const filled = path
      .replace('{id}', swarmId)
      .replace('{taskId}', 'task_001')
      .replace('{agentId}', 'agent_001')
      .replace(/\{\w+\}/, 'none');
    for (const query of ['', '?limit=1', '?status=failed', '?limit=200']) {
      const [before, sentBefore] = [await left(), await sent()];
      await ask(`${filled}${query}`);
      const bytes = (await sent()) - sentBefore;
      const reads = before - (await left()) - 1;
      expect([path, query, reads >= 1, bytes < reads * BYTES_PER_READ]).toEqual([path, query, true, true]);
    }
  }
  await limited.api.close();
}, 120_000);
