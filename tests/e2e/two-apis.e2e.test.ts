import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AskOptions, roundRobin } from './support/round-robin.ts';
import { upTo } from './support/swarm.ts';

const ADMIN = 'two-apis-admin-0a1b2c3d4e5f';
const CREATIONS = 25;
const DEADLINE_MS = 60_000;
/** What is promised for a revocation to be known everywhere. */
const REVOKED_WITHIN_MS = 5_000;

let stack: Stack;
let apis: ReturnType<typeof roundRobin>;
beforeAll(async () => {
  stack = await startStack({
    apis: 2,
    workers: 1,
    model: { kind: 'mock', latencyMs: 20 },
    envFor: {
      api: {
        AUTH_ENABLED: 'true',
        ADMIN_API_KEYS: ADMIN,
        RATE_LIMIT_CREATIONS: String(CREATIONS),
        RATE_LIMIT_MAX: '1000',
      },
    },
  });
  apis = roundRobin(stack.apiUrls);
});
afterAll(() => stack?.stop());

const description = 'Write this part of it completely.';
const tasks = [
  { key: 'a', name: 'The first part', description, agentType: 'coder' },
  { key: 'b', name: 'The second part', description, agentType: 'coder', dependencies: ['a'] },
];
const objective = 'Build a REST API for user management';

/** A key of a new owner. */
async function newOwner(name: string) {
  const { status, json } = await apis.ask('POST', '/api/keys', { key: ADMIN, body: { name, owner: name } });
  expect(status).toBe(201);
  return { key: json.key as string, keyId: json.keyId as string };
}
async function create(key: string, more: object = {}): Promise<string> {
  const { status, json } = await apis.ask('POST', '/api/swarm/create', {
    key,
    body: { objective, tasks, ...more },
  });
  expect(status).toBe(201);
  return json.swarmId;
}
/** The status as every API has it: they never differ. */
async function statusEverywhere(key: string, swarmId: string): Promise<string> {
  const answers = await apis.askAll('GET', `/api/swarm/${swarmId}`, { key });
  const statuses = new Set(answers.map(({ status, json }) => (status === 200 ? json.data.status : status)));
  expect([...statuses]).toHaveLength(1);
  return String([...statuses][0]);
}
const command = async (key: string, swarmId: string, verb: string) => {
  const { status, json } = await apis.ask('POST', `/api/swarm/${swarmId}/${verb}`, { key });
  return [status, json.status];
};

test('ten creations with one idempotency key over both APIs make one swarm; another body is refused by either', async () => {
  const { key } = await newOwner('idempotent');
  const options: AskOptions = { key, body: { objective, tasks }, headers: { 'idempotency-key': 'once' } };
  const answers = await Promise.all(upTo(10).map(() => apis.ask('POST', '/api/swarm/create', options)));
  expect(answers.map(({ status }) => status)).toEqual(upTo(10).map(() => 201));
  expect(new Set(answers.map(({ json }) => json.swarmId)).size).toBe(1);
  for (const { json } of await apis.askAll('GET', '/api/swarms', { key })) expect(json.count).toBe(1);
  const other = { ...options, body: { objective: `${objective}, differently` } };
  const refused = await apis.askAll('POST', '/api/swarm/create', other);
  expect(refused.map(({ status, json }) => [status, json.code])).toEqual([
    [422, 'idempotency_conflict'],
    [422, 'idempotency_conflict'],
  ]);
});

test('of ten simultaneous starts over both APIs one wins; the others are told the state', async () => {
  const { key } = await newOwner('racer');
  const swarmId = await create(key);
  const answers = await Promise.all(
    upTo(10).map(() => apis.ask('POST', `/api/swarm/${swarmId}/start`, { key })),
  );
  const won = answers.filter(({ status }) => status === 200);
  expect(won.map(({ json }) => json.status)).toEqual(['executing']);
  const lost = answers.filter(({ status }) => status !== 200);
  expect(lost.map(({ status, json }) => [status, json.code])).toEqual(
    upTo(9).map(() => [409, 'swarm_state_conflict']),
  );
});

test('a whole life, each step at another API: paused, resumed, followed by pages to its end, deleted', async () => {
  const { key } = await newOwner('lifer');
  const swarmId = await create(key);
  expect(await statusEverywhere(key, swarmId)).toBe('planning');
  expect(await command(key, swarmId, 'start')).toEqual([200, 'executing']);
  expect(await command(key, swarmId, 'pause')).toEqual([200, 'paused']);
  expect(await statusEverywhere(key, swarmId)).toBe('paused');
  expect(await command(key, swarmId, 'start')).toEqual([409, 409]);
  expect(await command(key, swarmId, 'resume')).toEqual([200, 'executing']);
  await waitFor(async () => (await statusEverywhere(key, swarmId)) === 'completed', {
    deadlineMs: DEADLINE_MS,
    everyMs: 100,
    what: 'the swarm to complete',
  });

  const seqs: number[] = [];
  for (let after = 0, more = true; more; ) {
    const { json } = await apis.ask('GET', `/api/swarm/${swarmId}/events?after=${after}&limit=3`, { key });
    seqs.push(...json.events.map((event: { seq: number }) => event.seq));
    after = json.next;
    more = json.more;
  }
  expect(seqs.length).toBeGreaterThan(6);
  expect(seqs).toEqual(upTo(seqs.length));

  const results = await apis.askAll('GET', `/api/swarm/${swarmId}/results`, { key });
  expect(results[0]?.json).toMatchObject({ swarmId });
  expect(results[1]?.json).toEqual(results[0]?.json);
  const deleted = await apis.ask('DELETE', `/api/swarm/${swarmId}`, { key });
  expect([deleted.status, deleted.json.status]).toEqual([200, 'deleted']);
  expect(await statusEverywhere(key, swarmId)).toBe('404');
});

test('what is stopped at one API completes nothing any more, and reads failed at both', async () => {
  const { key } = await newOwner('stopper');
  const swarmId = await create(key, { autoStart: true });
  expect(await command(key, swarmId, 'stop')).toEqual([200, 'stopped']);
  expect(await statusEverywhere(key, swarmId)).toBe('failed');
  expect(await command(key, swarmId, 'stop')).toEqual([200, 'stopped']);
  expect(await command(key, swarmId, 'resume')).toEqual([409, 409]);
});

test('a list is paged over both APIs without a gap or a repeat', async () => {
  const { key } = await newOwner('lister');
  const ids: string[] = [];
  for (const _ of upTo(7)) ids.unshift(await create(key));
  const listed: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { json } = await apis.ask('GET', `/api/swarms?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, {
      key,
    });
    listed.push(...json.swarms.map((swarm: { swarmId: string }) => swarm.swarmId));
    cursor = json.nextCursor;
  }
  expect([...listed].sort()).toEqual([...ids].sort());
});

test('a key made at one API is known to both at once, and revoked at one it is refused by both', async () => {
  const { key, keyId } = await newOwner('short-lived');
  for (const { status } of await apis.askAll('GET', '/api/swarms', { key })) expect(status).toBe(200);
  const revoked = await apis.ask('DELETE', `/api/keys/${keyId}`, { key: ADMIN });
  expect(revoked.status).toBe(200);
  const refused = async () =>
    (await apis.askAll('GET', '/api/swarms', { key })).every(({ status }) => status === 401);
  await waitFor(refused, { deadlineMs: REVOKED_WITHIN_MS, what: 'both APIs to refuse the key' });
});

test('limits are shared: over both APIs no more than one could have had', async () => {
  const { key } = await newOwner('greedy');
  const options: AskOptions = { key, body: { objective, tasks } };
  const answers = await Promise.all(
    upTo(CREATIONS + 10).map(() => apis.ask('POST', '/api/swarm/create', options)),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(CREATIONS);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(10);
  for (const { json, headers } of refused) {
    expect(json).toMatchObject({ code: 'limit_exceeded', retryAfter: expect.any(Number) });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
});
