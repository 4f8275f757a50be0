import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { largeGraphs } from '@claude-flow/testing/loop-holds/large-graphs';
import { type ApiDocument, largestBodies } from '@claude-flow/testing/loop-holds/largest-bodies';
import { type MeasuredProcess, startMeasured } from '@claude-flow/testing/loop-holds/measured-process';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import document from '../../../docs/openapi.json' with { type: 'json' };
import { diamondSwarm, OBJECTIVE } from './bodies.ts';

/**
 * The largest bodies, of every kind and to every route, hold an API process for no longer than a few times as long as the mere parsing of
 * such a body takes it: both in processor time of its one thread, and measured in the same process, so that a slow or busy machine counts
 * for both. In milliseconds: `pnpm bench holds`.
 */
const MAX_BODY = 1024 * 1024;
/**
 * Parsing takes 3 to 5 ms on the machines that we know, and what is held at most takes a few times that on an idle one (`pnpm bench
 * holds` says it exactly). On a busy one processor time itself grows to some twenty parsings, for the same work; what this
 * test is for, work that grows with the body and is done in one go, took 50 to 800.
 */
const PARSINGS = 40;
/** What interferes once (garbage, a cold start) does not interfere every time. */
const TRIES = 5;
const TIMEOUT_MS = 240_000;

let redis: TestRedis;
let api: MeasuredProcess;
let reference: number;
const ids: Record<string, string> = {
  taskId: 'task_001',
  agentId: 'agent_001',
  approvalId: 'approval_0000000000000000',
  keyId: 'key_0000000000000000',
  path: 'a.txt',
};
const GRAPHS = largeGraphs(OBJECTIVE);

beforeAll(async () => {
  redis = await startTestRedis();
  const env = { PORT: '0', REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix };
  api = await startMeasured({ entry: repositoryEntries.api, env });
  const created = await send('POST', '/api/swarm/create', JSON.stringify(diamondSwarm));
  ids['id'] = ((await created.json()) as { swarmId: string }).swarmId;
  // Code that has not run yet is slow the first time.
  for (const { text } of GRAPHS) await (await send('POST', '/api/swarm/create', text)).arrayBuffer();
  reference = await api.parseTime(GRAPHS[0]?.text ?? '');
});
afterAll(async () => {
  await api?.stop();
  await redis?.stop();
});

function send(method: string, path: string, body?: string): Promise<Response> {
  const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
  return fetch(`${api.url}${path}`, { method, ...content });
}

/** Times the parsing that a request held the thread for: the least of a few tries, when one was too long. @returns the status too */
async function heldBy(
  method: string,
  path: string,
  text?: string,
): Promise<{ status: number; held: number }> {
  let least = Number.POSITIVE_INFINITY;
  let status = 0;
  for (let n = 0; n < TRIES && least > PARSINGS; n += 1) {
    await api.takeLongestHold();
    const answer = await send(method, path, text);
    await answer.arrayBuffer();
    ({ status } = answer);
    least = Math.min(least, (await api.takeLongestHold()) / reference);
  }
  return { status, held: least };
}

const placed = (path: string, others: Record<string, string> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = others[name] ?? ids[name];
    if (id === undefined) throw new Error(`What is {${name}} of ${path}? Add it to the ids of this test.`);
    return id;
  });

describe('every operation that may have a body, in every field', () => {
  const operations = largestBodies(document as unknown as ApiDocument, MAX_BODY);
  test.each(operations.map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s',
    async (_name, { method, path, bodies }) => {
      const long: unknown[] = [];
      for (const { what, text } of bodies) {
        // What deletes or stops the swarm does so once, and is then refused: it is the body that counts here.
        const { status, held } = await heldBy(method, placed(path), text);
        if (held > PARSINGS || status >= 500) long.push([what, status, held]);
      }
      expect(long).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

test.each(GRAPHS.map((graph) => [graph.what, graph] as const))(
  'the largest graph: %s',
  async (_what, { text, valid }) => {
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BODY);
    const { status, held } = await heldBy('POST', '/api/swarm/create', text);
    expect(status).toBe(valid ? 201 : 400);
    expect(held).toBeLessThan(PARSINGS);
  },
  TIMEOUT_MS,
);

describe('a swarm of ten thousand tasks', () => {
  const all = Object.entries((document as unknown as ApiDocument).paths);
  const reads = all
    .filter(([path, { get }]) => get !== undefined && path.includes('{id}'))
    .map(([path]) => path);
  let id: string;
  beforeAll(async () => {
    const { text } = GRAPHS.find(({ what }) => what === 'independent tasks, started') ?? { text: '' };
    const created = await send('POST', '/api/swarm/create', text);
    ({ swarmId: id } = (await created.json()) as { swarmId: string });
  });

  test.each(reads)(
    'GET %s',
    async (path) => {
      const { status, held } = await heldBy('GET', placed(path, { id }));
      expect(status).toBeLessThan(500);
      expect(held).toBeLessThan(PARSINGS);
    },
    TIMEOUT_MS,
  );

  test.each([
    ['POST', '/pause'],
    ['POST', '/resume'],
    ['POST', '/stop'],
    ['DELETE', ''],
  ])('%s %s', async (method, path) => {
    await api.takeLongestHold();
    const answer = await send(method, `/api/swarm/${id}${path}`);
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    expect((await api.takeLongestHold()) / reference).toBeLessThan(PARSINGS);
  });
});
