import { createHash } from 'node:crypto';
import { ClaudeFlowError } from '../domain/errors.ts';
import { isApiKeyId, isSwarmId, isTaskId } from '../domain/ids.ts';

/** Keys of one swarm, by the names the scripts' headers use. All share one hash slot: `{<swarmId>}`. */
const SWARM_KEYS = [
  'meta',
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
  'agents',
  'pool',
  'capabilities',
  'blobs',
  'holds',
  'approvals',
  'webhook',
] as const;
/**
 * `gone`: the swarm was deleted. It stays behind for a while, so that nothing brings the id back. `draft`: the record of a swarm that
 * is not there yet, since it is written in parts.
 */
export type SwarmKeyName = (typeof SWARM_KEYS)[number] | 'journal' | 'gone' | 'draft';

/**
 * Keys in the queues' hash slot by the names of the scripts in `lua/queue`: BullMQ's own lists, and what stands beside them.
 * `job` and `jobLock` are one delivery's.
 */
const QUEUE_KEYS = {
  taskWait: 'task:wait',
  taskPrioritized: 'task:prioritized',
  taskActive: 'task:active',
  taskStalled: 'task:stalled',
  taskMarker: 'task:marker',
  taskMeta: 'task:meta',
  planWait: 'plan:wait',
  planPrioritized: 'plan:prioritized',
  /** Sorted set of owners with a waiting swarm, by whose turn is next. */
  turns: 'turns',
  /** Sorted set of `<owner>:<swarmId>`, the swarms that wait for their turn; all of score 0, so in order of their text. */
  waiting: 'waiting',
  /** Sorted set of `<units>:<id>` by when it ends: jobs that may be added and have not been yet. */
  granted: 'granted',
  /** Hash of owners: the tag of the last plan that was asked for. */
  planTags: 'plan-tags',
  /** Sorted set of swarms that are started and have not ended, by when they took their place. */
  started: 'started',
  /** Sorted set of `<owner>:<swarmId>` of those in `started`, and of some that have left it; all of score 0. */
  startedBy: 'started-by',
  /** Sorted set of owners who were refused a place, by when they last asked. */
  wanted: 'places-wanted',
  /** Hash of owners: the bytes that their swarms store together. */
  storage: 'storage',
  /** Hash of swarms: `<owner>:<bytes>`, what each stores as part of its owner's whole. */
  storageOf: 'storage-of',
} as const;
export type QueueKeyName = keyof typeof QUEUE_KEYS | 'job' | 'jobLock';

/** @param queuePrefix `Keys.queuePrefix` @param jobId of `job` and `jobLock` */
export function queueKey(queuePrefix: string, name: QueueKeyName, jobId = ''): string {
  if (name === 'job') return `${queuePrefix}:task:${jobId}`;
  if (name === 'jobLock') return `${queuePrefix}:task:${jobId}:lock`;
  return `${queuePrefix}:${QUEUE_KEYS[name]}`;
}

/** A swarm's key, taken apart again. `journal` keys name their task. */
export interface SwarmKeyParts {
  swarmId: string;
  name: string;
  taskId?: string;
}

export interface Keys {
  prefix: string;
  /** A key of a swarm; `journal` is one task's, and takes its id. */
  swarm(swarmId: string, name: SwarmKeyName, taskId?: string): string;
  /** Whose key is this? Undefined when it is no swarm's. */
  parseSwarmKey(key: string): SwarmKeyParts | undefined;
  /** Glob that all keys of all swarms fit. */
  anySwarmKey: string;
  /** Every key of a swarm except the journals, for expiry and deletion. */
  allOfSwarm(swarmId: string): string[];
  /** Pub/sub: the swarm's events as they are written. */
  eventsChannel(swarmId: string): string;
  /** Pub/sub: pattern of the channels of all swarms' events. */
  eventsChannels: string;
  /** Pub/sub: text as agents write it. */
  deltasChannel(swarmId: string): string;
  /** Pub/sub: `<owner tag> <creation, ms since 1970> <swarmId>` of every swarm that has just been created. */
  bornChannel: string;
  /** Pub/sub: commands to all workers. */
  controlChannel: string;
  /** Sorted set of unfinished swarms by creation time. Global; the sweep repairs it. */
  activeSwarms: string;
  /**
   * Sorted set of `<swarmId> <key of its owner's index>` of every swarm, by when to look next whether it is still there.
   * Keeps the owners' indexes from growing with swarms that have expired.
   */
  knownSwarms: string;
  /** Sorted set of swarms with a webhook that is not done, by when to look at it next. Global; schedulers keep it true. */
  webhooks: string;
  /** Sorted set of everybody's swarms by creation time, for administrators. Kept like the owners' indexes. */
  allSwarms: string;
  /** Remembers that an owner deleted a swarm, so that a repeated delete is answered as the first was. */
  deletedSwarm(owner: string, swarmId: string): string;
  /** Sorted set of an owner's swarms by creation time. */
  ownerSwarms(owner: string): string;
  /** Sorted set of an owner's unfinished swarms by creation time. Kept like `activeSwarms`; what that lacks does not count. */
  ownerActive(owner: string): string;
  /** An owner as part of a key or an entry: no text of theirs. */
  ownerTag(owner: string): string;
  /** Sorted set of swarms that are started and have not ended; the sweep keeps it true. */
  startedSwarms: string;
  idempotency(owner: string, key: string): string;
  /** Hash of registered workers by id. Global; every worker writes its own entry again and again. */
  workers: string;
  /** How many tasks the registered workers could begin at once, as a scheduler last counted; soon forgotten. */
  freePlaces: string;
  /** Where the slow walk over all keys stands. */
  walkCursor: string;
  lock(name: string): string;
  /** Hash of one stored API key: whose it is, what it may do, how it was used. */
  apiKey(keyId: string): string;
  /** Id of the stored API key with this digest (64 hexadecimal digits). */
  apiKeyOf(digest: string): string;
  /** Sorted sets of the ids of stored API keys by creation time: all of them, and one owner's. */
  apiKeys: string;
  ownerApiKeys(owner: string): string;
  /** Hash: what owners of keys of the environment are called outside (name -> owner), and the secret that the names depend on. */
  ownerNames: string;
  /** Pub/sub: ids of API keys that have just been revoked. */
  apiKeysRevokedChannel: string;
  /** BullMQ's own keys live under this, in a slot of their own. */
  queuePrefix: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** The one place where Redis keys are built. Ids are checked first, so that no text of a caller becomes part of a key. */
export function createKeys(prefix: string): Keys {
  const queuePrefix = `{${prefix}-queue}`;
  const swarm = (swarmId: string, name: SwarmKeyName, taskId?: string): string => {
    if (!isSwarmId(swarmId)) throw new ClaudeFlowError('swarm_not_found', 'There is no swarm with that id.');
    // Not among the swarm's own keys, which belong to nobody once it is gone.
    if (name === 'gone') return `${prefix}:gone:{${swarmId}}`;
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
    parseSwarmKey(key) {
      if (!key.startsWith(`${prefix}:{`)) return undefined;
      const [swarmId = '', rest = ''] = key.slice(prefix.length + 2).split('}:');
      if (!isSwarmId(swarmId) || rest === '') return undefined;
      const [name = '', taskId] = rest.split(':');
      return taskId === undefined ? { swarmId, name } : { swarmId, name, taskId };
    },
    anySwarmKey: `${prefix}:{swarm_*}:*`,
    allOfSwarm: (swarmId) => SWARM_KEYS.map((name) => swarm(swarmId, name)),
    eventsChannel: (swarmId) => swarm(swarmId, 'events'),
    eventsChannels: `${prefix}:{swarm_*}:events`,
    deltasChannel: (swarmId) => `${prefix}:{${swarmId}}:deltas`,
    bornChannel: `${prefix}:swarms:born`,
    controlChannel: `${prefix}:control`,
    activeSwarms: `${prefix}:swarms:active`,
    knownSwarms: `${prefix}:swarms:known`,
    webhooks: `${prefix}:swarms:webhooks`,
    allSwarms: `${prefix}:swarms:all`,
    deletedSwarm: (owner, swarmId) => `${prefix}:deleted:${hash(owner)}:${hash(swarmId)}`,
    ownerSwarms: (owner) => `${prefix}:owner:${hash(owner)}:swarms`,
    ownerActive: (owner) => `${prefix}:owner:${hash(owner)}:active`,
    ownerTag: hash,
    startedSwarms: queueKey(queuePrefix, 'started'),
    idempotency: (owner, key) => `${prefix}:idempotency:${hash(owner)}:${hash(key)}`,
    workers: `${prefix}:workers`,
    freePlaces: `${prefix}:workers:free`,
    walkCursor: `${prefix}:walk:cursor`,
    lock: (name) => `${prefix}:lock:${name}`,
    apiKey(keyId) {
      if (!isApiKeyId(keyId)) throw new ClaudeFlowError('key_not_found', 'There is no key with that id.');
      return `${prefix}:api-key:${keyId}`;
    },
    apiKeyOf: (digest) => `${prefix}:api-key-of:${digest}`,
    apiKeys: `${prefix}:api-keys`,
    ownerApiKeys: (owner) => `${prefix}:owner:${hash(owner)}:api-keys`,
    ownerNames: `${prefix}:owner-names`,
    apiKeysRevokedChannel: `${prefix}:api-keys:revoked`,
    queuePrefix,
  };
}
