import { createHash } from 'node:crypto';
import { ClaudeFlowError } from '../domain/errors.ts';
import { isSwarmId, isTaskId } from '../domain/ids.ts';

/** Keys of one swarm, by the names the scripts' headers use. All share one hash slot: `{<swarmId>}`. */
const SWARM_KEYS = [
  'meta',
  'draft',
  'events',
  'logs',
  'specs',
  'tasks',
  'results',
  'dependents',
  'indegree',
  'ready',
  'queued',
  'running',
  'retrying',
  'suspended',
  'open',
  'counts',
  'agents',
  'pool',
  'blobs',
] as const;
export type SwarmKeyName = (typeof SWARM_KEYS)[number] | 'journal';

/** Keys of the admission of work, by the names of its scripts' headers. One slot for the whole fleet. */
const ADMISSION_KEYS = [
  'accounts',
  'totals',
  'reservations',
  'owners',
  'waiting',
  'workers',
  'concurrency',
] as const;
export type AdmissionKeyName = (typeof ADMISSION_KEYS)[number];

export interface Keys {
  prefix: string;
  /** A key of a swarm; `journal` is one task's, and takes its id. */
  swarm(swarmId: string, name: SwarmKeyName, taskId?: string): string;
  /** Every key of a swarm except the journals, for expiry and deletion. */
  allOfSwarm(swarmId: string): string[];
  /** Pub/sub: the swarm's events as they are written. */
  eventsChannel(swarmId: string): string;
  /** Pub/sub: text as agents write it. */
  deltasChannel(swarmId: string): string;
  /** Pub/sub: commands to all workers. */
  controlChannel: string;
  /** Sorted set of unfinished swarms by creation time. Global; the sweep repairs it. */
  activeSwarms: string;
  /** Sorted set of an owner's swarms by creation time. */
  ownerSwarms(owner: string): string;
  idempotency(owner: string, key: string): string;
  lock(name: string): string;
  /** Of the whole fleet, in a slot of its own: who may have how much work under way. The sweep repairs it. */
  admission(name: AdmissionKeyName): string;
  /** What an owner is called in the admission keys. */
  ownerTag(owner: string): string;
  /** BullMQ's own keys live under this, in a slot of their own. */
  queuePrefix: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** The one place where Redis keys are built. Ids are checked first, so that no text of a caller becomes part of a key. */
export function createKeys(prefix: string): Keys {
  const swarm = (swarmId: string, name: SwarmKeyName, taskId?: string): string => {
    if (!isSwarmId(swarmId)) throw new ClaudeFlowError('swarm_not_found', 'There is no swarm with that id.');
    const base = `${prefix}:{${swarmId}}:${name}`;
    if (name !== 'journal') return base;
    if (taskId === undefined || !isTaskId(taskId)) {
      throw new ClaudeFlowError('task_not_found', 'There is no task with that id.');
    }
    return `${base}:${taskId}`;
  };
  return {
    prefix,
    swarm,
    allOfSwarm: (swarmId) => SWARM_KEYS.map((name) => swarm(swarmId, name)),
    eventsChannel: (swarmId) => swarm(swarmId, 'events'),
    deltasChannel: (swarmId) => `${prefix}:{${swarmId}}:deltas`,
    controlChannel: `${prefix}:control`,
    activeSwarms: `${prefix}:swarms:active`,
    ownerSwarms: (owner) => `${prefix}:owner:${hash(owner)}:swarms`,
    idempotency: (owner, key) => `${prefix}:idempotency:${hash(owner)}:${hash(key)}`,
    lock: (name) => `${prefix}:lock:${name}`,
    admission: (name) => `{${prefix}-admission}:${name}`,
    ownerTag: hash,
    queuePrefix: `{${prefix}-queue}`,
  };
}
