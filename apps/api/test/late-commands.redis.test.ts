import { newSwarmId } from '@claude-flow/core/domain/ids';
import { askApproval } from '@claude-flow/core/store/approvals';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimTask, dispatchTasks, failTask } from '@claude-flow/core/store/tasks';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { startRedisProxy } from '@claude-flow/testing/redis-proxy';
import type { RespCommand } from '@claude-flow/testing/resp-requests';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import openApi from '../../../docs/openapi.json' with { type: 'json' };
import { diamondSwarm, OBJECTIVE } from './bodies.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** What the API under test gives a Redis command: short, since every held command costs the test as much. */
const LIMIT_MS = 400;
/** A request's commands follow each other within a few milliseconds; after this no further one comes. */
const QUIET_MS = 150;
/** More commands than any route sends. */
const MOST_COMMANDS = 60;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());

/** Two APIs on one Redis, one of them behind a proxy that can hold back its commands. */
interface Scene {
  /** Whose commands are held back. */
  held: TestApi;
  /** By which the world goes on meanwhile. */
  other: TestApi;
  ledger: Ledger;
}

interface Route {
  route: string;
  /** Brings about what the request needs. @returns the request, and what is done after its client was told 503 */
  prepare(
    scene: Scene,
  ): Promise<{ send(api: TestApi): ReturnType<TestApi['call']>; afterwards?(): Promise<unknown> }>;
}

const KEY = 'the-key-of-the-administrator';
const ENV = { AUTH_ENABLED: 'true', ADMIN_API_KEYS: KEY };
const asAdministrator = (server: TestApi): TestApi => ({
  ...server,
  call: (path, options) => server.call(path, { ...options, key: KEY }),
  post: (path, body, options) => server.post(path, body, { ...options, key: KEY }),
});

async function swarm({ other }: Scene, over: object = {}): Promise<string> {
  return (await other.post('/api/swarm/create', { ...diamondSwarm, ...over })).json.swarmId;
}
const running = (scene: Scene) => swarm(scene, { autoStart: true });
const agent = async ({ other }: Scene, id: string): Promise<string> =>
  (await other.post(`/api/swarm/${id}/agents`, { type: 'coder' })).json.agentId;

/** The first task of a swarm, claimed. */
async function atWork(scene: Scene) {
  const { ledger } = scene;
  const swarmId = await running(scene);
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine' };
  await waitFor(
    async () => {
      await dispatchTasks(ledger, swarmId, 1);
      return (await claimTask(ledger, { ...wish, workerId: 'w' })).claimed;
    },
    { deadlineMs: 10_000, what: 'the task to be claimed' },
  );
  return wish;
}

const post =
  (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  (api: TestApi) =>
    api.post(path, body, { headers });
const remove = (path: string) => (api: TestApi) => api.call(path, { method: 'DELETE' });

/** One request, and what its client does by way of another API when it has been told 503. */
function command(
  verb: string,
  make: (scene: Scene) => Promise<string>,
  ...afterwards: string[]
): Pick<Route, 'prepare'> {
  return {
    async prepare(scene) {
      const id = await make(scene);
      return {
        send: post(`/api/swarm/${id}/${verb}`),
        async afterwards() {
          for (const next of afterwards) await scene.other.post(`/api/swarm/${id}/${next}`);
        },
      };
    },
  };
}

const paused = async (scene: Scene) => {
  const id = await running(scene);
  await scene.other.post(`/api/swarm/${id}/pause`);
  return id;
};

const creating = (body: object): Pick<Route, 'prepare'> => ({
  async prepare({ other }) {
    const send = post('/api/swarm/create', body, { 'idempotency-key': newSwarmId(Date.now()) });
    return {
      send,
      async afterwards() {
        const { swarmId } = (await send(other)).json;
        await remove(`/api/swarm/${swarmId}`)(other);
      },
    };
  },
});

const ROUTES: Record<string, Route> = {
  'create with tasks': {
    route: 'POST /api/swarm/create',
    ...creating({ ...diamondSwarm, autoStart: true, webhook: { url: 'https://example.com/hook' } }),
  },
  'create to be planned': {
    route: 'POST /api/swarm/create',
    ...creating({ objective: OBJECTIVE, autoStart: true }),
  },
  start: { route: 'POST /api/swarm/{id}/start', ...command('start', swarm, 'start', 'stop') },
  pause: { route: 'POST /api/swarm/{id}/pause', ...command('pause', running, 'pause', 'resume') },
  resume: { route: 'POST /api/swarm/{id}/resume', ...command('resume', paused, 'resume', 'pause') },
  stop: { route: 'POST /api/swarm/{id}/stop', ...command('stop', running, 'pause') },
  delete: {
    route: 'DELETE /api/swarm/{id}',
    async prepare(scene) {
      return { send: remove(`/api/swarm/${await running(scene)}`) };
    },
  },
  'add a task': {
    route: 'POST /api/swarm/{id}/tasks',
    async prepare(scene) {
      const body = { name: 'One more', description: 'Do one more thing', type: 'coding' };
      const headers = { 'idempotency-key': 'one-more' };
      return { send: post(`/api/swarm/${await running(scene)}/tasks`, body, headers) };
    },
  },
  'assign a task': {
    route: 'POST /api/swarm/{id}/tasks/{taskId}/assign',
    async prepare(scene) {
      const id = await swarm(scene);
      const [first, second] = [await agent(scene, id), await agent(scene, id)];
      const path = `/api/swarm/${id}/tasks/task_001/assign`;
      return {
        send: post(path, { agentId: first }),
        afterwards: () => post(path, { agentId: second })(scene.other),
      };
    },
  },
  'cancel a task': {
    route: 'DELETE /api/swarm/{id}/tasks/{taskId}',
    async prepare(scene) {
      return { send: remove(`/api/swarm/${await running(scene)}/tasks/task_004`) };
    },
  },
  'retry a task': {
    route: 'POST /api/swarm/{id}/tasks/{taskId}/retry',
    async prepare(scene) {
      const one = await atWork(scene);
      const tasks = `/api/swarm/${one.swarmId}/tasks`;
      const body = { name: 'Keeps it open', description: 'Keeps the swarm open', type: 'coding' };
      await post(tasks, body)(scene.other);
      await failTask(scene.ledger, one, { code: 'internal', message: 'x', retryable: false, delayMs: 0 });
      return { send: post(`${tasks}/task_001/retry`) };
    },
  },
  'spawn an agent': {
    route: 'POST /api/swarm/{id}/agents',
    async prepare(scene) {
      const headers = { 'idempotency-key': 'one-agent' };
      return { send: post(`/api/swarm/${await running(scene)}/agents`, { type: 'tester' }, headers) };
    },
  },
  'terminate an agent': {
    route: 'DELETE /api/swarm/{id}/agents/{agentId}',
    async prepare(scene) {
      const id = await running(scene);
      return { send: remove(`/api/swarm/${id}/agents/${await agent(scene, id)}`) };
    },
  },
  'decide an approval': {
    route: 'POST /api/swarm/{id}/approvals/{approvalId}',
    async prepare(scene) {
      const one = await atWork(scene);
      const wish = {
        kind: 'tool',
        turn: 1,
        callId: 'a',
        tool: 'write_file',
        input: { path: 'a.md' },
      } as const;
      await askApproval(scene.ledger, one, [wish]);
      const path = `/api/swarm/${one.swarmId}/approvals`;
      const [{ id }] = (await scene.other.call(path)).json.approvals;
      return {
        send: post(`${path}/${id}`, { decision: 'approve' }),
        afterwards: () => post(`${path}/${id}`, { decision: 'deny' })(scene.other),
      };
    },
  },
  'make a key': {
    route: 'POST /api/keys',
    async prepare() {
      return { send: post('/api/keys', { name: 'ci', owner: 'team', expiresInDays: 1 }) };
    },
  },
  'revoke a key': {
    route: 'DELETE /api/keys/{keyId}',
    async prepare({ other }) {
      const { keyId } = (await post('/api/keys', { name: 'ci', owner: 'team' })(other)).json;
      return { send: remove(`/api/keys/${keyId}`) };
    },
  },
  'a ticket for a WebSocket': {
    route: 'POST /api/ws-ticket',
    async prepare() {
      return { send: post('/api/ws-ticket') };
    },
  },
};

test('every route that changes something is looked at', () => {
  const all = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'get' && method !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...new Set(Object.values(ROUTES).map(({ route }) => route))].sort()).toEqual(all.sort());
});

/**
 * All that Redis holds for these swarms. Not BullMQ's jobs, which tell somebody to look and decide nothing, and not how often
 * somebody called. Nor who waits for a turn in the
 * queue: whoever looks next may give it.
 */
async function everything({ redis: connection, keys }: Ledger): Promise<Map<string, string>> {
  const ours = await connection.keys(`*${keys.prefix}*`);
  const told = /:limit:|^\{.*-queue\}:(plan|task|wake|webhook):|:(granted|waiting|turns)$/;
  const found = new Map<string, string>();
  for (const key of ours.filter((name) => !told.test(name)))
    found.set(key, JSON.stringify(await contentOf(connection, key)));
  return found;
}

async function contentOf(connection: Ledger['redis'], key: string): Promise<unknown> {
  switch (await connection.type(key)) {
    case 'hash':
      return Object.entries(await connection.hgetall(key)).sort();
    case 'set':
      return (await connection.smembers(key)).sort();
    case 'zset':
      return connection.zrange(key, '0', '-1', 'WITHSCORES');
    case 'stream':
      return connection.xrange(key, '-', '+');
    case 'list':
      return connection.lrange(key, 0, -1);
    case 'string':
      return connection.get(key);
    default:
      return 'gone since';
  }
}

/** The same, when nothing changes any more: what was answered may still be followed by a dispatch. */
async function settled(ledger: Ledger): Promise<Map<string, string>> {
  let now = await everything(ledger);
  await waitFor(
    async () => {
      const before = now;
      now = await everything(ledger);
      return changes(before, now).length === 0;
    },
    { deadlineMs: 10_000, everyMs: QUIET_MS, what: 'the other API to be done' },
  );
  return now;
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((key) => before.get(key) !== after.get(key));
}

test.concurrent.each(Object.keys(ROUTES))(
  '%s: a command that comes late has no effect',
  { timeout: 300_000 },
  async (name) => {
    const route = ROUTES[name];
    if (route === undefined) throw new Error(name);
    const prefix = `${redis.prefix}-${Object.keys(ROUTES).indexOf(name)}`;
    const proxy = await startRedisProxy({
      targetPort: Number(new URL(redis.url).port),
      kill: () => undefined,
    });
    const held = asAdministrator(
      await startTestApi({ url: proxy.url, prefix }, ENV, { redisDeadlineMs: LIMIT_MS }),
    );
    const other = asAdministrator(await startTestApi({ url: redis.url, prefix }, ENV));
    const ledger = await openLedger({ ...redis, prefix });
    const scene = { held, other, ledger };
    const heldBack: string[] = [];
    try {
      let slow = 0;
      for (let n = 1; ; n += 1) {
        expect(n).toBeLessThan(MOST_COMMANDS);
        const { send, afterwards } = await route.prepare(scene);
        const sprung = proxy.trap({ n, act: 'hold', match: isOfTheRequest });
        const { status } = await send(held);
        expect([200, 201, 503]).toContain(status);
        if (status !== 503) await quiet(proxy);
        if (proxy.disarm()) {
          // A busy machine may be too slow for the limit without a command that is held: then the same again.
          if (status === 503 && slow < 3) {
            slow += 1;
            n -= 1;
            continue;
          }
          // It has no n-th command; and nothing else was the matter.
          expect(status).not.toBe(503);
          break;
        }
        const { command, at } = await sprung;
        heldBack.push([command.name, ...command.args].slice(0, 2).join(' '));
        await afterwards?.();
        await waitFor(() => Date.now() > at + LIMIT_MS, { deadlineMs: 10_000, what: 'the deadline to pass' });
        const before = await settled(ledger);
        proxy.mode('pass');
        // On the connection of the command that was held back, and so after it.
        await waitFor(async () => (await held.call('/api/swarms')).status === 200, {
          deadlineMs: 20_000,
          what: 'the API to have Redis again',
        });
        await quiet(proxy);
        const changed = changes(before, await settled(ledger));
        expect(changed, `after a late ${heldBack.at(-1)}`).toEqual([]);
      }
      // Each of these routes writes, and so at least one was a script of ours.
      expect(heldBack).toContainEqual(expect.stringMatching(/^FCALL/));
    } finally {
      proxy.mode('pass');
      await held.api.close();
      await other.api.close();
      ledger.redis.disconnect();
      await proxy.close();
    }
  },
);

/** Neither a look at the clock, nor the count of requests: a process that could not count does so alone for a while. */
const isOfTheRequest = ({ name, args }: RespCommand) =>
  name !== 'TIME' && !args.some((arg) => arg.includes(':limit:'));

/** No command has come for a while. */
async function quiet(proxy: { readonly count: number }): Promise<void> {
  let before = -1;
  await waitFor(
    async () => {
      const same = proxy.count === before;
      before = proxy.count;
      return same;
    },
    { deadlineMs: 10_000, everyMs: QUIET_MS, what: 'the API to send no more commands' },
  );
}
