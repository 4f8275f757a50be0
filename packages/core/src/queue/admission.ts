import { randomUUID } from 'node:crypto';
import type { QueueScripts } from '../redis/queue-scripts.ts';
import type { Metrics } from '../runtime/metrics.ts';
import {
  GRANT_TTL_MS,
  QUEUE_SHARE_OF_ACTIVE,
  QUEUE_SHORT_AT_LEAST,
  TURN_UNITS_AT_MOST,
} from '../runtime/tunables.ts';

/** A swarm that may send so many tasks on now. */
export interface Turn {
  /** Its owner's tag (`Keys.ownerTag`); empty when it did not have to be known. */
  owner: string;
  swarmId: string;
  units: number;
}

export interface Admitted {
  /** The swarm that asked is not let through at once: it has to be registered. Then nothing else is told. */
  hasToWait: boolean;
  turns: Turn[];
  /** To be released when the jobs are added; empty when nothing was granted. */
  grant: string;
  /** Swarms, and owners, that wait for their turn after this. */
  waitingSwarms: number;
  waitingOwners: number;
}

export interface AdmissionRequest {
  /** May it send so many tasks on at once, nobody waiting? */
  swarm?: { swarmId: string; wish: number };
  /** Wait for their turn from now on, those at the end of the ring. */
  register?: readonly Pick<Turn, 'owner' | 'swarmId'>[];
  /** A grant whose jobs have been added. */
  release?: string;
  /** Turns of those who wait are taken when there is room; whoever asks has to see to them. Default true. */
  take?: boolean;
  /** Also wakes a worker that sleeps although there is a job for it. */
  wake?: boolean;
}

/** One look at the queue: what may become a job. */
export async function admit(
  deps: { scripts: QueueScripts; metrics: Metrics | undefined },
  request: AdmissionRequest,
): Promise<Admitted> {
  const { swarm, register = [], take = true, wake = false } = request;
  const [outcome, ...rest] = await deps.scripts.run('admit', {
    swarmId: swarm?.swarmId ?? '',
    wish: swarm?.wish ?? 0,
    register: register.map(({ owner, swarmId }) => `${owner}:${swarmId}`).join(' '),
    release: request.release ?? '',
    take: take ? 1 : 0,
    wake: wake ? 1 : 0,
    grantId: randomUUID(),
    floor: QUEUE_SHORT_AT_LEAST,
    share: QUEUE_SHARE_OF_ACTIVE,
    most: TURN_UNITS_AT_MOST,
    ttlMs: GRANT_TTL_MS,
  });
  if (outcome === 0) {
    deps.metrics?.turns.inc({ how: 'to-wait' });
    return { hasToWait: true, turns: [], grant: '', waitingSwarms: 0, waitingOwners: 0 };
  }
  const [swarms, owners, grant, ...tail] = rest;
  const turns: Turn[] = [];
  for (let i = 0; i + 2 < tail.length; i += 3) {
    turns.push({ owner: String(tail[i]), swarmId: String(tail[i + 1]), units: Number(tail[i + 2]) });
  }
  if (turns.length > 0)
    deps.metrics?.turns.inc({ how: swarm === undefined ? 'in-turn' : 'at-once' }, turns.length);
  const waiting = { waitingSwarms: Number(swarms), waitingOwners: Number(owners) };
  return { hasToWait: false, turns, grant: String(grant), ...waiting };
}
