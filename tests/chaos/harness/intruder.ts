import { setTimeout as delay } from 'node:timers/promises';
import type { ForeignEntry } from '../history.ts';
import type { Random } from '../random.ts';
import type { Cluster } from './cluster.ts';
import { as, OTHER_KEY } from './owners.ts';
import { openSocket } from './socket.ts';
import { CREATE_DEADLINE_MS, CREATE_TRY_MS, RETRY_EVERY_MS } from './tunables.ts';

/** Everything that tells of a swarm, and everything that changes one without ending it for its owner when it is refused. */
const ASKED = [
  'GET /api/swarm/{id}',
  'GET /api/swarm/{id}/events?after=0&limit=10',
  'GET /api/swarm/{id}/results',
  'GET /api/swarm/{id}/artifacts',
  'GET /api/swarm/{id}/artifacts.tar',
  'GET /api/swarm/{id}/artifacts/task_001/README.md',
  'GET /api/swarm/{id}/tasks',
  'GET /api/swarm/{id}/tasks/task_001',
  'GET /api/swarm/{id}/tasks/task_001/attempts',
  'GET /api/swarm/{id}/agents',
  'GET /api/swarm/{id}/graph',
  'GET /api/swarm/{id}/logs',
  'GET /api/swarm/{id}/metrics',
  'GET /api/swarm/{id}/approvals',
  'POST /api/swarm/{id}/pause',
  'POST /api/swarm/{id}/stop',
  'DELETE /api/swarm/{id}',
] as const;

/** Rest between two questions. */
const EVERY_MS = 40;
/** A refused subscription is answered at once; one that is not refused sends events at once. */
const SOCKET_ANSWER_MS = 2_000;

export interface Intruder {
  /** From now on also tries this swarm. */
  learn(swarmId: string): void;
  /** Asks each thing about each swarm once more, and removes what it had of its own. */
  end(): Promise<void>;
}

/** Another owner, who knows the ids of all swarms and tries everything with them, while they run. */
export async function startIntruder(cluster: Cluster, random: Random): Promise<Intruder> {
  const { history } = cluster;
  const known: string[] = [];
  const own = await ownSwarm(cluster);
  let ending = false;

  const api = () => {
    const { url } = random.pick(cluster.of('api'));
    return url;
  };
  const note = (entry: Omit<ForeignEntry, 'kind'>) => history.add({ kind: 'foreign', ...entry });

  async function ask(asked: string, swarmId: string): Promise<void> {
    const [method = 'GET', path = ''] = asked.split(' ');
    const answer = await fetch(api() + path.replace('{id}', swarmId), {
      method,
      headers: as(OTHER_KEY),
      signal: AbortSignal.timeout(CREATE_TRY_MS),
    });
    await answer.arrayBuffer();
    note({ asked, swarmId, status: answer.status });
  }

  async function list(): Promise<void> {
    const answer = await fetch(`${api()}/api/swarms?limit=200`, {
      headers: as(OTHER_KEY),
      signal: AbortSignal.timeout(CREATE_TRY_MS),
    });
    if (!answer.ok) return;
    const { swarms } = (await answer.json()) as { swarms: { swarmId: string }[] };
    note({ asked: 'GET /api/swarms', status: 200, listed: swarms.map(({ swarmId }) => swarmId), own });
  }

  async function subscribe(swarmId: string): Promise<void> {
    const answered = Promise.withResolvers<number | undefined>();
    const socket = await openSocket(api(), OTHER_KEY, (message) => {
      if (message['type'] === 'error') answered.resolve(404);
      else if (message['swarmId'] === swarmId) answered.resolve(200);
    });
    void socket.lost.then(() => answered.resolve(undefined));
    const asking = setInterval(() => {
      if (!socket.open) return;
      clearInterval(asking);
      socket.send({ type: 'subscribe', swarmId });
    }, EVERY_MS);
    const timer = setTimeout(() => answered.resolve(undefined), SOCKET_ANSWER_MS);
    const status = await answered.promise;
    clearTimeout(timer);
    clearInterval(asking);
    socket.close();
    if (status !== undefined) note({ asked: 'WebSocket subscribe', swarmId, status });
  }

  const trying = (async () => {
    while (!ending) {
      await delay(EVERY_MS);
      const swarmId = known.length === 0 ? undefined : random.pick(known);
      const what = random.integer(0, 9);
      // An API that is away is no news.
      if (what === 0 || swarmId === undefined) await list().catch(() => undefined);
      else if (what === 1) await subscribe(swarmId).catch(() => undefined);
      else await ask(random.pick(ASKED), swarmId).catch(() => undefined);
    }
  })();

  return {
    learn: (swarmId) => void known.push(swarmId),
    async end() {
      ending = true;
      await trying;
      const until = Date.now() + CREATE_DEADLINE_MS;
      for (const asked of ASKED)
        for (const swarmId of known) if (Date.now() < until) await ask(asked, swarmId).catch(() => undefined);
      await list().catch(() => undefined);
      const [first] = cluster.of('api');
      await fetch(`${first?.url}/api/swarm/${own}`, { method: 'DELETE', headers: as(OTHER_KEY) });
    },
  };
}

/** Something in its own list, so that an empty list is no proof. */
async function ownSwarm(cluster: Cluster): Promise<string> {
  const end = Date.now() + CREATE_DEADLINE_MS;
  for (;;) {
    const [api] = cluster.of('api');
    const answer = await fetch(`${api?.url}/api/swarm/create`, {
      method: 'POST',
      headers: { ...as(OTHER_KEY), 'content-type': 'application/json', 'idempotency-key': cluster.mark },
      // Never started: its one task needs nobody.
      body: JSON.stringify({
        objective: `The other owner's own swarm in ${cluster.mark}`,
        tasks: [
          {
            key: 'a',
            name: 'Part a',
            description: 'Never begun.',
            agentType: 'researcher',
            dependencies: [],
          },
        ],
      }),
      signal: AbortSignal.timeout(CREATE_TRY_MS),
    }).catch(() => undefined);
    if (answer?.ok) return ((await answer.json()) as { swarmId: string }).swarmId;
    if (Date.now() > end || answer?.status === 400)
      throw new Error(`The other owner cannot create a swarm: ${await answer?.text()}`);
    await delay(RETRY_EVERY_MS);
  }
}
