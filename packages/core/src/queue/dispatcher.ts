import type { StoredPlan } from '../contracts/plan.ts';
import { taskJobId } from '../domain/ids.ts';
import type { SwarmStatus } from '../domain/states.ts';
import { type Priority, queuePriority } from '../domain/vocabulary.ts';
import { queueKey } from '../redis/keys.ts';
import { REPAIR_ASKED_EVERY_MS, UNITS_WISHED_AT_ONCE } from '../runtime/tunables.ts';
import { type Ledger, write } from '../store/ledger.ts';
import { createSwarm, type NewSwarm } from '../store/swarms.ts';
import { dispatchTasks, type QueuedTask } from '../store/tasks.ts';
import { type AdmissionRequest, type Admitted, admit, type Turn } from './admission.ts';
import { fairPlanPriority } from './plan-priority.ts';
import type { Queues } from './queues.ts';

export interface DispatcherDeps {
  ledger: Ledger;
  queues: Queues;
}

/**
 * The one way from `ready` to a job. While the queue is short and nobody waits, the swarm's tasks go on at once; else the
 * swarm waits for its turn among all owners (ADR 8). The script decides and writes it down; the job that follows is only
 * the knock on a worker's door. A crash in between is repaired by the sweep, which adds the same job id again.
 * @returns how many of its tasks were queued by now; the others follow when it is their turn
 */
export async function dispatchSwarm(deps: DispatcherDeps, swarmId: string): Promise<number> {
  let admitted = await look(deps, { swarm: { swarmId, wish: UNITS_WISHED_AT_ONCE } });
  if (admitted.hasToWait) {
    const owner = await ownerToWait(deps, swarmId);
    if (owner === undefined) return 0;
    admitted = await look(deps, { register: [{ owner, swarmId }] });
  }
  const sent = await sendOn(deps, admitted);
  await settle(deps, admitted, sent.more);
  if (sent.failed.has(swarmId)) throw sent.failed.get(swarmId);
  return sent.queued.filter((task) => task.swarmId === swarmId).length;
}

/** A swarm that was created, and what is left to be done for it. */
export interface CreatedSwarm {
  created: boolean;
  status: SwarmStatus;
  /** Sends its tasks on, when it runs: always to be called, and seldom to be waited for. What fails in it, a sweep repairs. */
  sendOn(): Promise<void>;
}

/**
 * Writes a new swarm. When it brings its plan and the wish to start, its first tasks are queued in the same step, as far as they
 * may go on at once.
 */
export async function createAndDispatch(
  deps: DispatcherDeps,
  swarm: NewSwarm,
  now: number,
  { plan, start = false }: { plan?: StoredPlan | undefined; start?: boolean } = {},
): Promise<CreatedSwarm> {
  const swarmId = swarm.id;
  const roots = start
    ? (plan?.tasks ?? []).filter(({ dependencies }) => dependencies.length === 0).length
    : 0;
  const wish = Math.min(UNITS_WISHED_AT_ONCE, roots);
  let admitted: Admitted | undefined;
  const dispatch = async () => {
    // A queue that cannot be asked is no reason to refuse a swarm.
    if (wish > 0) admitted ??= await look(deps, { swarm: { swarmId, wish } }).catch(() => undefined);
    return admitted?.turns[0]?.units ?? 0;
  };
  const { created, status, queued } = await createSwarm(deps.ledger, swarm, now, { plan, start, dispatch });
  rememberOwner(deps, swarmId, swarm.owner);
  const runs = created && status === 'executing';
  return {
    created,
    status,
    async sendOn() {
      if (admitted === undefined) {
        if (runs) await dispatchSwarm(deps, swarmId);
        return;
      }
      await enqueueTasks(deps.queues, queued);
      await settle(deps, admitted, runs && queued.length < roots ? [{ owner: '', swarmId }] : []);
    },
  };
}

/** It is not at once a swarm's turn. @returns its owner; undefined when it has nothing to wait for */
async function ownerToWait(deps: DispatcherDeps, swarmId: string): Promise<string | undefined> {
  const { redis, keys } = deps.ledger;
  const [ready, [, retryAt], owner] = await Promise.all([
    redis.zcard(keys.swarm(swarmId, 'ready')),
    redis.zrange(keys.swarm(swarmId, 'retrying'), '0', '0', 'WITHSCORES'),
    ownerTag(deps, swarmId),
  ]);
  // A retry that is due is made ready when it is the swarm's turn.
  if (ready > 0 || (retryAt !== undefined && Number(retryAt) <= Date.now())) return owner;
  if (retryAt !== undefined) await wakeAt(deps.queues, swarmId, Number(retryAt));
  return undefined;
}

/** Takes the turns of those who wait, until there is no room or nobody left. A swarm that fails is left to the sweep. */
export async function takeTurns(deps: DispatcherDeps, wake = false): Promise<Admitted> {
  let request: AdmissionRequest = { wake };
  for (;;) {
    const admitted = await look(deps, request);
    if (admitted.turns.length === 0) return admitted;
    const { more } = await sendOn(deps, admitted);
    request = { release: admitted.grant, register: more };
  }
}

/** The same, soon and in the background: for whoever made room. One look at a time in a process; cheap when nobody waits. */
export function takeTurnsSoon(deps: DispatcherDeps): void {
  deps.queues.taker.soon(async () => {
    await takeTurns(deps);
  });
}

/** Does the swarm wait for its turn? Then it is no fault that its ready tasks are not queued. */
export async function waitsForTurn(deps: DispatcherDeps, swarmId: string): Promise<boolean> {
  const owner = await ownerTag(deps, swarmId);
  if (owner === undefined) return false;
  const { redis, keys } = deps.ledger;
  const places = await Promise.all([
    redis.zscore(queueKey(keys.queuePrefix, 'waiting'), `${owner}:${swarmId}`),
    redis.zscore(queueKey(keys.queuePrefix, 'turns'), owner),
  ]);
  return !places.includes(null);
}

async function look(deps: DispatcherDeps, request: AdmissionRequest): Promise<Admitted> {
  const admitted = await admit(deps.queues, request);
  if (!admitted.hasToWait) deps.queues.taker.heard(admitted.waitingSwarms);
  return admitted;
}

interface SentOn {
  queued: QueuedTask[];
  /** Those that used up their turn and have more to do. */
  more: Pick<Turn, 'owner' | 'swarmId'>[];
  failed: Map<string, unknown>;
}

/** Queues the tasks of all swarms whose turn it is, and adds their jobs in one go. */
async function sendOn(deps: DispatcherDeps, { turns }: Admitted): Promise<SentOn> {
  const sent: SentOn = { queued: [], more: [], failed: new Map() };
  const retries: [string, number][] = [];
  await Promise.all(
    turns.map(async ({ owner, swarmId, units }) => {
      try {
        const { queued, nextRetryAt } = await dispatchTasks(deps.ledger, swarmId, units);
        sent.queued.push(...queued);
        const readyKey = deps.ledger.keys.swarm(swarmId, 'ready');
        if (queued.length >= units && (await deps.ledger.redis.zcard(readyKey)) > 0)
          sent.more.push({ owner, swarmId });
        else if (nextRetryAt !== undefined) retries.push([swarmId, nextRetryAt]);
      } catch (error) {
        sent.failed.set(swarmId, error);
      }
    }),
  );
  await enqueueTasks(deps.queues, sent.queued);
  for (const [swarmId, at] of retries) await wakeAt(deps.queues, swarmId, at);
  return sent;
}

/** After the jobs are added: the grant is over, what is left waits for its turn, and somebody sees to those who wait. */
async function settle(deps: DispatcherDeps, admitted: Admitted, more: SentOn['more']): Promise<void> {
  const { grant } = admitted;
  if (more.length > 0) {
    const register: SentOn['more'] = [];
    for (const { owner, swarmId } of more) {
      const tag = owner === '' ? await ownerTag(deps, swarmId) : owner;
      if (tag !== undefined) register.push({ owner: tag, swarmId });
    }
    await look(deps, { release: grant, register, take: false });
    return takeTurnsSoon(deps);
  }
  if (grant === '') return;
  // Nobody has to wait for this: a grant that is not released ends by itself.
  const key = queueKey(deps.ledger.keys.queuePrefix, 'granted');
  write(deps.ledger, key, ['ZREM', grant]).catch(() => undefined);
  // Others may have been told to wait because of what this grant did not use.
  takeTurnsSoon(deps);
}

/** Swarms whose owner a process remembers. */
const OWNERS_REMEMBERED = 10_000;

async function ownerTag({ ledger, queues }: DispatcherDeps, swarmId: string): Promise<string | undefined> {
  const known = queues.owners.get(swarmId);
  if (known !== undefined) return known;
  const owner = await ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'owner');
  if (owner === null) return undefined;
  return rememberOwner({ ledger, queues }, swarmId, owner);
}

function rememberOwner({ ledger, queues }: DispatcherDeps, swarmId: string, owner: string): string {
  const tag = ledger.keys.ownerTag(owner);
  if (queues.owners.size >= OWNERS_REMEMBERED) queues.owners.clear();
  queues.owners.set(swarmId, tag);
  return tag;
}

/** Adds the jobs of queued attempts. A job that is there already stays as it is. */
export async function enqueueTasks(queues: Queues, tasks: readonly QueuedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queues.task.addBulk(
    tasks.map(({ swarmId, taskId, attempt, priority }) => ({
      name: 'run',
      data: { swarmId, taskId, attempt },
      opts: { jobId: taskJobId(swarmId, taskId, attempt), priority: queuePriority(priority as Priority) },
    })),
  );
}

/** Has a scheduler dispatch the swarm at a moment (milliseconds since 1970). */
export async function wakeAt(queues: Queues, swarmId: string, at: number): Promise<void> {
  const delay = Math.max(0, at - Date.now());
  await queues.wake.add('wake', { swarmId }, { jobId: `${swarmId}.wake.${at}`, delay });
}

/** Has a scheduler look at the whole swarm soon, as its sweep would; asked for again shortly after, it is once enough. */
export async function requestRepair(queues: Queues, swarmId: string): Promise<void> {
  const deduplication = { id: `${swarmId}.repair`, ttl: REPAIR_ASKED_EVERY_MS };
  await queues.wake.add('repair', { swarmId, repair: true }, { deduplication });
}

/**
 * Asks for a swarm's plan; owners take turns there too.
 * @param round tells a repeated request (the sweep's) from the first
 */
export async function enqueuePlan(deps: DispatcherDeps, swarmId: string, round = 'first'): Promise<void> {
  const owner = (await ownerTag(deps, swarmId)) ?? '';
  const priority = await fairPlanPriority(deps.queues, owner);
  await deps.queues.plan.add('plan', { swarmId }, { jobId: `${swarmId}.plan.${round}`, priority });
}
