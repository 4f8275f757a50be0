import { randomUUID } from 'node:crypto';
import { errorMessage } from '@claude-flow/core/domain/errors';
import { publishControl } from '@claude-flow/core/relay/control';
import { type Claimed, failTask, releaseTask } from '@claude-flow/core/store/tasks';
import { type AbortReason, AttemptAborted } from '../lease/attempt-aborted.ts';
import { guardedWrite } from '../lease/guarded-write.ts';
import { isNoRoom } from '../workspace/room.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import type { ProcessorDeps } from './processor-deps.ts';
import { toTaskFailure } from './task-failure.ts';

export interface EndedAttempt {
  /** For the metric; from a closed list. */
  outcome: 'completed' | 'failed' | 'retrying' | AbortReason;
  /** Other tasks may have become ready, or an agent free. */
  dispatch: boolean;
  /** A completion knows what is to be sent on, and does it by this. */
  sendOn?: () => Promise<void>;
  /** The next task of this swarm, already this worker's, to go on within the same place. */
  next?: Claimed;
  /** Others, to be run in the places kept for them. */
  beside: Claimed[];
}

/**
 * Writes down how an attempt ended.
 * @param placesForNext asked once, before a completion: how many tasks may be handed over
 * @throws only what is a fault of ours or of Redis; then the lease runs out
 */
export async function endAttempt(
  deps: ProcessorDeps,
  attempt: Attempt,
  outcome: AttemptOutcome | { error: unknown },
  placesForNext: () => number,
): Promise<EndedAttempt> {
  try {
    if ('result' in outcome) return await complete(deps, attempt, outcome, placesForNext());
    if (outcome.error instanceof AttemptAborted) return await stopped(deps, attempt, outcome.error);
    if (isNoRoom(outcome.error) && (await deps.room.check()))
      return await stopped(deps, attempt, new AttemptAborted('no-room'));
    return await fail(deps, attempt, outcome.error);
  } catch (error) {
    // The task went to somebody else while this was being written.
    if (error instanceof AttemptAborted) return stopped(deps, attempt, error);
    throw error;
  }
}

async function complete(
  deps: ProcessorDeps,
  attempt: Attempt,
  outcome: AttemptOutcome,
  places: number,
): Promise<EndedAttempt> {
  const { task, spec, log, swarmLog } = attempt;
  const { result, data } = outcome;
  // One token for all tries: a repeated call is given the same task again.
  const handOver = places > 0 ? { token: randomUUID(), workerId: deps.workerId, places } : undefined;
  const { handedOver, sendOn } = await guardedWrite(NEVER, () =>
    deps.completer.complete({ claim: task.claim, result, data }, handOver),
  );
  const [next, ...beside] = handedOver;
  const { durationMs, turns, costUsd } = data;
  log.info({ durationMs, turns, costUsd, artifacts: result.artifacts.length }, 'Completed a task');
  swarmLog.write('info', `Completed "${spec.name}" in ${turns} turns with ${result.artifacts.length} files.`);
  return {
    outcome: 'completed',
    dispatch: false,
    ...(sendOn === undefined ? {} : { sendOn }),
    ...(next === undefined ? {} : { next }),
    beside,
  };
}

async function fail(deps: ProcessorDeps, attempt: Attempt, error: unknown): Promise<EndedAttempt> {
  const { task, spec, state, log, swarmLog } = attempt;
  const failure = toTaskFailure(error, state.failures, Math.random());
  if (failure.code === 'internal') log.error({ err: error }, 'An attempt broke');
  const { taskStatus, swarmStatus } = await guardedWrite(NEVER, () =>
    failTask(deps.ledger, task.claim, failure),
  );
  const { code, message, delayMs } = failure;
  if (taskStatus === 'retrying') {
    log.warn({ code, delayMs, reason: message }, 'An attempt failed; there will be another');
    swarmLog.write('warn', `${message} Another attempt follows in ${(delayMs / 1000).toFixed(1)} s.`);
  } else {
    log.warn({ code, reason: message }, 'A task failed');
    swarmLog.write('error', `"${spec.name}" failed: ${message}`);
  }
  return { outcome: taskStatus, dispatch: swarmStatus === 'executing', beside: [] };
}

async function stopped(
  deps: ProcessorDeps,
  attempt: Attempt,
  { reason }: AttemptAborted,
): Promise<EndedAttempt> {
  attempt.log.info({ reason }, 'Stopped working on a task');
  switch (reason) {
    case 'budget':
      // The other agents of the swarm hear of it at once, wherever they are.
      await publishControl(deps.ledger, { type: 'stop', swarmId: attempt.task.claim.swarmId }).catch(
        (error: unknown) => attempt.log.debug({ reason: errorMessage(error) }, 'Heartbeats will tell'),
      );
      return { outcome: reason, dispatch: false, beside: [] };
    case 'cancel':
    case 'fenced':
      return { outcome: reason, dispatch: false, beside: [] };
    case 'shutdown':
      return {
        outcome: reason,
        dispatch: await handBack(deps, attempt, 'The worker is stopping; another goes on.'),
        beside: [],
      };
    case 'waiting':
      // The ledger knows: it was part of asking. An agent is free for others.
      attempt.swarmLog.write('info', `"${attempt.spec.name}" waits for people to decide (see approvals).`);
      return { outcome: reason, dispatch: true, beside: [] };
    case 'pause':
      return { outcome: reason, dispatch: await handBack(deps, attempt, 'The swarm is paused.'), beside: [] };
    case 'no-room':
      // No fault of the task's: no retry is spent, and this worker takes none until there is room.
      return {
        outcome: reason,
        dispatch: await handBack(deps, attempt, 'The disk of the worker is full; another goes on.'),
        beside: [],
      };
    case 'lease-doubt':
      // Should the task still be ours once Redis answers, it need not wait for its lease to end.
      return {
        outcome: reason,
        dispatch: await handBack(deps, attempt, 'The ledger was out of reach.'),
        beside: [],
      };
  }
}

/** @returns whether the task was still ours */
async function handBack(deps: ProcessorDeps, { task, log }: Attempt, reason: string): Promise<boolean> {
  try {
    await guardedWrite(NEVER, () => releaseTask(deps.ledger, task.claim, reason));
    return true;
  } catch (error) {
    log.debug({ reason: errorMessage(error) }, 'The task was not handed back: it is no longer ours');
    return false;
  }
}

/**
 * What ends an attempt is not cut short by what a heartbeat hears: one that was sent again behind it finds the task ended, by
 * this very write, and the tasks handed over with its answer would be held by nobody. The write's own answer says whose it is.
 */
const NEVER = new AbortController().signal;
