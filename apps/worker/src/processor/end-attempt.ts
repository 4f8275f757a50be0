import { errorMessage } from '@claude-flow/core/domain/errors';
import type { SwarmLoad } from '@claude-flow/core/store/swarm-load';
import { completeTask, failTask, releaseTask } from '@claude-flow/core/store/tasks';
import { type AbortReason, AttemptAborted } from '../lease/attempt-aborted.ts';
import { guardedWrite } from '../lease/guarded-write.ts';
import type { Attempt } from './attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';
import type { AttemptOutcome } from './run-attempt.ts';
import { toTaskFailure } from './task-failure.ts';

export interface EndedAttempt {
  /** For the metric; from a closed list. */
  outcome: 'completed' | 'failed' | 'retrying' | AbortReason;
  /** What the swarm's load is now, when that is known. */
  load?: SwarmLoad;
}

/** Writes down how an attempt ended. @throws only what is a fault of ours or of Redis; then the lease runs out */
export async function endAttempt(
  deps: ProcessorDeps,
  attempt: Attempt,
  outcome: AttemptOutcome | { error: unknown },
): Promise<EndedAttempt> {
  try {
    if ('result' in outcome) return await complete(deps, attempt, outcome);
    if (outcome.error instanceof AttemptAborted) return await stopped(deps, attempt, outcome.error);
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
): Promise<EndedAttempt> {
  const { task, spec, log, swarmLog } = attempt;
  const { result, data } = outcome;
  const { load } = await guardedWrite(task.ownership, () =>
    completeTask(deps.ledger, task.claim, result, data),
  );
  const { durationMs, turns, costUsd } = data;
  log.info({ durationMs, turns, costUsd, artifacts: result.artifacts.length }, `Completed "${spec.name}"`);
  swarmLog.write('info', `Completed "${spec.name}" in ${turns} turns with ${result.artifacts.length} files.`);
  return load === undefined ? { outcome: 'completed' } : { outcome: 'completed', load };
}

async function fail(deps: ProcessorDeps, attempt: Attempt, error: unknown): Promise<EndedAttempt> {
  const { task, spec, state, log, swarmLog } = attempt;
  const failure = toTaskFailure(error, state.failures, Math.random());
  if (failure.code === 'internal') log.error({ err: error }, `An attempt of "${spec.name}" broke`);
  const { taskStatus } = await guardedWrite(task.ownership, () => failTask(deps.ledger, task.claim, failure));
  const { code, message, delayMs } = failure;
  if (taskStatus === 'retrying') {
    log.warn(
      { code, delayMs, reason: message },
      `An attempt of "${spec.name}" failed; there will be another`,
    );
    swarmLog.write('warn', `${message} Another attempt follows in ${(delayMs / 1000).toFixed(1)} s.`);
  } else {
    log.warn({ code, reason: message }, `"${spec.name}" failed`);
    swarmLog.write('error', `"${spec.name}" failed: ${message}`);
  }
  return { outcome: taskStatus };
}

async function stopped(
  deps: ProcessorDeps,
  attempt: Attempt,
  { reason }: AttemptAborted,
): Promise<EndedAttempt> {
  attempt.log.info({ reason }, `Stopped working on "${attempt.spec.name}"`);
  switch (reason) {
    case 'cancel':
    case 'fenced':
      break;
    case 'shutdown':
      await handBack(deps, attempt, 'The worker is stopping; another goes on.');
      break;
    case 'pause':
      await handBack(deps, attempt, 'The swarm is paused.');
      break;
    case 'lease-doubt':
      // Nothing was written in doubt. Should the task still be ours once Redis answers, it need not wait for the sweep.
      await handBack(deps, attempt, 'The ledger was out of reach.');
  }
  return { outcome: reason };
}

async function handBack(deps: ProcessorDeps, { task, log }: Attempt, reason: string): Promise<void> {
  try {
    await guardedWrite(NEVER, () => releaseTask(deps.ledger, task.claim, reason));
  } catch (error) {
    log.debug({ reason: errorMessage(error) }, 'The task was not handed back: it is no longer ours');
  }
}

const NEVER = new AbortController().signal;
