import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@claude-flow/testing/wait-for';
import {
  ClaudeFlowApiError,
  ClaudeFlowClient,
  type CreateSwarmOptions,
  eventOfMessage,
  type SwarmEvent,
  type SwarmEventMessage,
} from 'claude-flow/client';
import type { FinalEntry } from '../history.ts';
import type { Cluster } from './cluster.ts';
import { as, OWNER_KEY } from './owners.ts';
import {
  CREATE_DEADLINE_MS,
  CREATE_TRY_MS,
  READER_STUCK_MS,
  RETRY_EVERY_MS,
  STATUS_EVERY_MS,
} from './tunables.ts';

const over = (status: string) => status === 'completed' || status === 'failed';
const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A client that makes one try: what fails is for the history. Each number begins at another API. */
function clientOf(cluster: Cluster, turn: number): ClaudeFlowClient {
  const apis = cluster.of('api');
  const api = apis[turn % apis.length];
  if (api === undefined) throw new Error('The cluster has no API.');
  return new ClaudeFlowClient(api.url, { apiKey: OWNER_KEY, retries: 0, timeoutMs: CREATE_TRY_MS });
}

/**
 * Creates a swarm, again with the same key until an API accepts it. @returns its id
 * @throws what the API says when it refuses for good, or when none has accepted it by the deadline
 */
export async function createSwarm(
  cluster: Cluster,
  swarm: number,
  objective: string,
  options: CreateSwarmOptions,
): Promise<string> {
  const idempotencyKey = `${cluster.mark}-${swarm}`;
  const end = Date.now() + CREATE_DEADLINE_MS;
  for (let turn = swarm; ; turn += 1) {
    try {
      const { swarmId } = await clientOf(cluster, turn).createSwarm(objective, {
        ...options,
        idempotencyKey,
      });
      cluster.history.add({ kind: 'create', swarm, swarmId, objective });
      return swarmId;
    } catch (error) {
      cluster.history.add({ kind: 'create', swarm, error: message(error) });
      const refused = error instanceof ClaudeFlowApiError && error.status >= 400 && error.status < 500;
      if (refused || Date.now() > end) throw error;
      await delay(RETRY_EVERY_MS);
    }
  }
}

/** Asks for the end of a swarm, until an API says that it is stopped or has ended by itself. */
export async function stopSwarm(cluster: Cluster, swarmId: string): Promise<void> {
  await stop(cluster, { swarmId }, (client) => client.stopSwarm(swarmId));
}

/** The same for the first of its tasks that an agent is at. */
export async function cancelRunningTask(cluster: Cluster, swarmId: string): Promise<void> {
  const running = await waitFor(
    async () => {
      const client = clientOf(cluster, 0);
      const { data } = await client.getSwarmStatus(swarmId);
      if (over(data.status)) return { none: true } as const;
      const { tasks } = await client.getTasks(swarmId);
      return tasks.find(({ status }) => status === 'running')?.id.id;
    },
    { deadlineMs: CREATE_DEADLINE_MS, everyMs: RETRY_EVERY_MS, what: `a running task of ${swarmId}` },
  ).catch(() => ({ none: true }) as const);
  if (typeof running !== 'string') return;
  await stop(cluster, { swarmId, taskId: running }, (client) => client.cancelTask(swarmId, running));
}

async function stop(
  cluster: Cluster,
  what: { swarmId: string; taskId?: string },
  ask: (client: ClaudeFlowClient) => Promise<unknown>,
): Promise<void> {
  // Written down first: a request whose answer is lost may have been carried out.
  cluster.history.add({ kind: 'stop', ...what });
  const end = Date.now() + CREATE_DEADLINE_MS;
  for (let turn = 0; Date.now() < end; turn += 1) {
    try {
      await ask(clientOf(cluster, turn));
      cluster.history.add({ kind: 'stopped', ...what });
      return;
    } catch (error) {
      if (error instanceof ClaudeFlowApiError && error.status >= 400 && error.status < 500) return;
      await delay(RETRY_EVERY_MS);
    }
  }
}

/** Approves whatever a swarm's agents ask for, again and again until the signal. */
export async function approveAll(cluster: Cluster, swarmId: string, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const client = clientOf(cluster, turn);
    try {
      const { approvals } = await client.listApprovals(swarmId, { status: 'pending', signal });
      for (const { id } of approvals) await client.decideApproval(swarmId, id, 'approve', { signal });
    } catch {
      // The API is away, or the approval was decided although its answer was lost: asked again below.
    }
    await delay(RETRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Reads a swarm's events over the stream into the history until its end, going on at another API when one is gone. */
export async function followSwarm(
  cluster: Cluster,
  swarmId: string,
  reader: string,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READER_STUCK_MS)]);
    try {
      for await (const event of clientOf(cluster, turn).events(swarmId, { after, signal: limit })) {
        after = event.seq;
        cluster.history.add({ kind: 'event', reader, event });
      }
      return;
    } catch {
      // The API was killed, or cut off: the next one goes on where this one ended.
      await delay(RETRY_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Asks for a swarm's status until it has ended. @returns whether it did in time */
export async function awaitEnd(cluster: Cluster, swarmId: string, deadlineMs: number): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  let last = '';
  for (let turn = 0; Date.now() < end; turn += 1) {
    const answer = await clientOf(cluster, turn)
      .getSwarmStatus(swarmId)
      .catch(() => undefined);
    if (answer !== undefined) {
      const { status, lastEvent } = answer.data;
      if (status !== last) cluster.history.add({ kind: 'status', swarmId, status, lastEvent });
      last = status;
      if (over(status)) return true;
    }
    await delay(STATUS_EVERY_MS);
  }
  return false;
}

/** Reads what the public API says of a swarm now, into the history. @param log all its events, when the API has no more all */
export async function readFinal(
  cluster: Cluster,
  swarmId: string,
  log?: readonly SwarmEvent[],
): Promise<FinalEntry> {
  const final = await waitFor(
    async (): Promise<FinalEntry> => {
      const client = clientOf(cluster, 0);
      const state = await client.getSwarmStatus(swarmId).catch((error: unknown) => {
        if (/^HTTP 404/.test(message(error))) return undefined;
        throw error;
      });
      if (state === undefined) {
        return { kind: 'final', swarmId, found: false, status: 'missing', reason: null, tasks: [], log: [] };
      }
      const { tasks } = await client.getTasks(swarmId);
      const { results } = await client.getResults(swarmId);
      return {
        kind: 'final',
        swarmId,
        found: true,
        status: state.data.status,
        reason: state.data.reason,
        tasks: tasks.map((task) => ({
          id: task.id.id,
          status: task.status,
          dependencies: task.dependencies,
          attempt: task.attempt,
          hasOutput: task.result !== null && results.outputs[task.id.id] !== undefined,
        })),
        log: log === undefined ? await readLog(client.baseUrl, swarmId) : [...log],
      };
    },
    { deadlineMs: CREATE_DEADLINE_MS, everyMs: RETRY_EVERY_MS, what: `the API to tell of ${swarmId}` },
  );
  cluster.history.add(final);
  return final;
}

/** The events so far, in pages. */
export async function readLog(url: string, swarmId: string): Promise<SwarmEvent[]> {
  const events: SwarmEvent[] = [];
  for (let after = 0, more = true; more; ) {
    const answer = await fetch(`${url}/api/swarm/${swarmId}/events?after=${after}&limit=500`, {
      headers: as(OWNER_KEY),
      signal: AbortSignal.timeout(CREATE_TRY_MS),
    });
    if (!answer.ok) throw new Error(`events: HTTP ${answer.status}`);
    const page = (await answer.json()) as { events: SwarmEventMessage[]; next: number; more: boolean };
    events.push(...page.events.map(eventOfMessage));
    after = page.next;
    more = page.more;
  }
  return events;
}
