import type { ErrorCode } from '../domain/errors.ts';
import type { SwarmStatus } from '../domain/states.ts';
import { parseTaskState, type StoredTaskSpec, type TaskState } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import { POISON_CRASHES, TASK_LEASE_MS } from '../runtime/tunables.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

export type { TaskClaim } from './task-claim.ts';

/** A task that a worker holds. */
export interface Claimed {
  claimed: true;
  claim: TaskClaim;
  state: TaskState;
  spec: StoredTaskSpec;
}

export type ClaimResult =
  | Claimed
  /** A job that came late, twice, or for a swarm that has ended. Acknowledge it and forget it. */
  | {
      claimed: false;
      why: 'swarm-gone' | 'task-gone' | 'swarm-not-executing' | 'task-not-queued' | 'stale-attempt';
    };

export async function claimTask(
  ledger: Ledger,
  wish: TaskClaim & { workerId: string; leaseMs?: number },
): Promise<ClaimResult> {
  const { swarmId, taskId, attempt, token } = wish;
  const [outcome, state, spec] = await ledger.scripts.run(
    ledger.redis,
    'claim-task',
    { swarmId },
    { taskId, attempt, token, workerId: wish.workerId, leaseMs: wish.leaseMs ?? TASK_LEASE_MS },
  );
  switch (outcome) {
    case OUTCOME.ok:
      return claimedTask({ swarmId, taskId, token }, state, spec);
    case OUTCOME.swarmNotFound:
      return { claimed: false, why: 'swarm-gone' };
    case OUTCOME.taskNotFound:
      return { claimed: false, why: 'task-gone' };
    case OUTCOME.swarmState:
      return { claimed: false, why: 'swarm-not-executing' };
    case OUTCOME.taskState:
      return { claimed: false, why: 'task-not-queued' };
    case OUTCOME.staleAttempt:
      return { claimed: false, why: 'stale-attempt' };
    default:
      throw outcomeError(outcome, state);
  }
}

/** A task as a script gives it to its worker. */
export function claimedTask(ids: Omit<TaskClaim, 'attempt'>, stateJson: unknown, specJson: unknown): Claimed {
  const state = parseTaskState(String(stateJson));
  const spec = JSON.parse(String(specJson)) as StoredTaskSpec;
  return { claimed: true, claim: { ...ids, attempt: state.attempt }, state, spec };
}

/**
 * `ok`: go on. `pause`: stop at the next turn boundary. `cancel`: the swarm has ended, `budget`: because its budget is used
 * up. `fenced`: it is another attempt's.
 */
export type HeartbeatAnswer = 'ok' | 'pause' | 'cancel' | 'budget' | 'fenced';

export async function heartbeatTask(
  ledger: Ledger,
  claim: TaskClaim,
  leaseMs = TASK_LEASE_MS,
): Promise<HeartbeatAnswer> {
  const { swarmId, taskId, token } = claim;
  const [outcome, state, reason] = await ledger.scripts.run(
    ledger.redis,
    'heartbeat-task',
    { swarmId },
    { taskId, token, leaseMs },
  );
  if (outcome === OUTCOME.ok) return state === 'pause' ? 'pause' : 'ok';
  if (outcome === OUTCOME.swarmState) return reason === 'budget' ? 'budget' : 'cancel';
  if (outcome === OUTCOME.swarmNotFound) return 'cancel';
  if (outcome === OUTCOME.fenced) return 'fenced';
  throw outcomeError(outcome, state);
}

/**
 * Ends an attempt with an error.
 * @returns what became of the task
 * @throws ClaudeFlowError `fenced`
 */
export async function failTask(
  ledger: Ledger,
  claim: TaskClaim,
  failure: { code: ErrorCode; message: string; retryable: boolean; delayMs: number },
): Promise<{ taskStatus: 'retrying' | 'failed'; swarmStatus: SwarmStatus }> {
  const { swarmId, taskId, token } = claim;
  const [, taskStatus, swarmStatus] = await transition(
    ledger,
    'fail-task',
    { swarmId },
    {
      taskId,
      token,
      code: failure.code,
      message: failure.message,
      retryable: failure.retryable ? 1 : 0,
      delayMs: Math.round(failure.delayMs),
    },
  );
  return { taskStatus: taskStatus as 'retrying' | 'failed', swarmStatus: swarmStatus as SwarmStatus };
}

/**
 * Hands a task back without spending a retry: the worker is stopping, or the swarm is paused.
 * @returns `ready` to be dispatched again, or `suspended` until the swarm is resumed
 * @throws ClaudeFlowError `fenced`
 */
export async function releaseTask(
  ledger: Ledger,
  claim: TaskClaim,
  reason: string,
): Promise<'ready' | 'suspended'> {
  const { swarmId, taskId, token } = claim;
  const [, status] = await transition(ledger, 'release-task', { swarmId }, { taskId, token, reason });
  return status as 'ready' | 'suspended';
}

/**
 * A suspect (a task with `crashes`) is begun, while no other one is at work at this worker.
 * @throws ClaudeFlowError `fenced`, `swarm_not_found`
 */
export async function tryApart(ledger: Ledger, claim: TaskClaim): Promise<void> {
  const { swarmId, taskId, token } = claim;
  await transition(ledger, 'try-apart', { swarmId }, { taskId, token });
}

/**
 * Takes a task from a worker whose lease ended, or that is gone.
 * @param seen.missedAt since when the worker is missed, by Redis's clock: a lease that was renewed after that is respected
 * @param seen.graceMs a lease that ended while Redis was away counts for so long after its return; default 0
 * @returns undefined when it is no longer so
 */
export async function reclaimTask(
  ledger: Ledger,
  seen: { swarmId: string; taskId: string; token: string; missedAt?: number; graceMs?: number },
): Promise<'retrying' | 'failed' | undefined> {
  const { swarmId, taskId, token, missedAt, graceMs = 0 } = seen;
  const goneLease = missedAt === undefined ? '' : missedAt + TASK_LEASE_MS;
  const [outcome, status] = await ledger.scripts.run(
    ledger.redis,
    'reclaim-task',
    { swarmId },
    { taskId, token, maxCrashes: POISON_CRASHES, goneLease, graceMs },
  );
  return outcome === OUTCOME.ok ? (status as 'retrying' | 'failed') : undefined;
}

/** Gives a queued attempt that was delivered and never claimed a new number. @returns undefined when it is no longer so */
export async function requeueTask(
  ledger: Ledger,
  seen: { swarmId: string; taskId: string; attempt: number },
): Promise<QueuedTask | undefined> {
  const { swarmId, taskId, attempt } = seen;
  const [outcome, next, priority] = await ledger.scripts.run(
    ledger.redis,
    'requeue-task',
    { swarmId },
    { taskId, attempt },
  );
  if (outcome !== OUTCOME.ok) return undefined;
  return { swarmId, taskId, attempt: Number(next), priority: Number(priority) };
}

/** A decision to run one attempt; its job still has to be added. */
export interface QueuedTask {
  swarmId: string;
  taskId: string;
  attempt: number;
  priority: number;
}

/**
 * Gives ready tasks an agent each and marks them queued. Only the dispatcher (`queue/dispatcher.ts`) calls this.
 * @returns what was queued, and when the next retry is due (milliseconds since 1970)
 */
export async function dispatchTasks(
  ledger: Ledger,
  swarmId: string,
  limit: number,
): Promise<{ queued: QueuedTask[]; nextRetryAt?: number }> {
  const [outcome, nextRetryAt, ...rest] = await ledger.scripts.run(
    ledger.redis,
    'dispatch',
    { swarmId },
    { limit },
  );
  if (outcome !== OUTCOME.ok) return { queued: [] };
  const queued = queuedTasks(swarmId, rest);
  const retryAt = Number(nextRetryAt);
  return retryAt > 0 ? { queued, nextRetryAt: retryAt } : { queued };
}

/** The tail of a reply: task id, attempt and priority of each. */
export function queuedTasks(swarmId: string, tail: readonly unknown[]): QueuedTask[] {
  const queued: QueuedTask[] = [];
  for (let i = 0; i + 2 < tail.length; i += 3) {
    queued.push({
      swarmId,
      taskId: String(tail[i]),
      attempt: Number(tail[i + 1]),
      priority: Number(tail[i + 2]),
    });
  }
  return queued;
}
