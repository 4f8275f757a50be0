import type { ErrorCode } from '../domain/errors.ts';
import type { SwarmStatus } from '../domain/states.ts';
import type { TaskResult, TaskSpec, TaskState } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { ScriptReply } from '../redis/scripts.ts';
import { POISON_CRASHES, TASK_LEASE_MS } from '../runtime/tunables.ts';
import { type Ledger, transition } from './ledger.ts';
import { LOAD_LENGTH, parseSwarmLoad, type SwarmLoad } from './swarm-load.ts';

/** The right to work on one attempt of a task: every write of a worker carries it, and is refused once it has passed on. */
export interface TaskClaim {
  swarmId: string;
  taskId: string;
  attempt: number;
  token: string;
}

export type ClaimResult =
  | { claimed: true; claim: TaskClaim; state: TaskState; spec: TaskSpec }
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
      return {
        claimed: true,
        claim: { swarmId, taskId, attempt, token },
        state: JSON.parse(String(state)) as TaskState,
        spec: JSON.parse(String(spec)) as TaskSpec,
      };
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

/** `ok`: go on. `pause`: stop at the next turn boundary. `cancel`: the swarm has ended. `fenced`: it is another attempt's. */
export type HeartbeatAnswer = 'ok' | 'pause' | 'cancel' | 'fenced';

export async function heartbeatTask(
  ledger: Ledger,
  claim: TaskClaim,
  leaseMs = TASK_LEASE_MS,
): Promise<HeartbeatAnswer> {
  const { swarmId, taskId, token } = claim;
  const [outcome, state] = await ledger.scripts.run(
    ledger.redis,
    'heartbeat-task',
    { swarmId },
    { taskId, token, leaseMs },
  );
  if (outcome === OUTCOME.ok) return state === 'pause' ? 'pause' : 'ok';
  if (outcome === OUTCOME.swarmState || outcome === OUTCOME.swarmNotFound) return 'cancel';
  if (outcome === OUTCOME.fenced) return 'fenced';
  throw outcomeError(outcome, state);
}

/**
 * Records the one result of a task. Repeating it with the same claim is fine.
 * @param data what the event `task.completed` tells
 * @returns how many tasks it made ready, and the swarm's load after it, unless this was a repetition
 * @throws ClaudeFlowError `fenced`
 */
export async function completeTask(
  ledger: Ledger,
  claim: TaskClaim,
  result: TaskResult,
  data: Record<string, unknown>,
): Promise<{ swarmStatus: SwarmStatus; freed: number; load?: SwarmLoad }> {
  const { swarmId, taskId, token } = claim;
  const [outcome, status, freed, ...load] = await transition(
    ledger,
    'complete-task',
    { swarmId },
    { taskId, token, result: JSON.stringify(result), data: JSON.stringify(data) },
  );
  const ended = { swarmStatus: status as SwarmStatus, freed: Number(freed) };
  return outcome === OUTCOME.ok ? { ...ended, load: parseSwarmLoad(swarmId, load as ScriptReply) } : ended;
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

/** Takes a task from a worker whose lease ended. @returns undefined when it is no longer so */
export async function reclaimTask(
  ledger: Ledger,
  seen: { swarmId: string; taskId: string; token: string },
): Promise<'retrying' | 'failed' | undefined> {
  const { swarmId, taskId, token } = seen;
  const [outcome, status] = await ledger.scripts.run(
    ledger.redis,
    'reclaim-task',
    { swarmId },
    { taskId, token, maxCrashes: POISON_CRASHES },
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
 * @returns what was queued, when the next retry is due (milliseconds since 1970), and the swarm's load; none when it does not execute
 */
export async function dispatchTasks(
  ledger: Ledger,
  swarmId: string,
  limit: number,
): Promise<{ queued: QueuedTask[]; nextRetryAt?: number; load?: SwarmLoad }> {
  const reply = await ledger.scripts.run(ledger.redis, 'dispatch', { swarmId }, { limit });
  if (reply[0] !== OUTCOME.ok) return { queued: [] };
  const rest = reply.slice(LOAD_LENGTH);
  const queued: QueuedTask[] = [];
  for (let i = 0; i + 2 < rest.length; i += 3) {
    queued.push({
      swarmId,
      taskId: String(rest[i]),
      attempt: Number(rest[i + 1]),
      priority: Number(rest[i + 2]),
    });
  }
  const load = parseSwarmLoad(swarmId, reply);
  return load.nextRetryAt === undefined ? { queued, load } : { queued, load, nextRetryAt: load.nextRetryAt };
}
