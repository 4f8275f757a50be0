import { randomUUID } from 'node:crypto';
import type { TaskJob } from '@claude-flow/core/contracts/jobs';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { dispatchSwarm, enqueueTasks, requestRepair } from '@claude-flow/core/queue/dispatcher';
import { mayHandOver, type Slot } from '@claude-flow/core/queue/hand-over';
import type { KeptPlaces } from '@claude-flow/core/queue/worker-places';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';
import { getAgentAtWork } from '@claude-flow/core/store/agents';
import { noteResources } from '@claude-flow/core/store/resources';
import { getTask } from '@claude-flow/core/store/task-reads';
import {
  type Claimed,
  type ClaimResult,
  claimTask,
  releaseTask,
  requeueTask,
  type TaskClaim,
} from '@claude-flow/core/store/tasks';
import { AttemptAborted } from '../lease/attempt-aborted.ts';
import { guardedWrite, untilAborted } from '../lease/guarded-write.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import { type EndedAttempt, endAttempt } from './end-attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';
import { runAttempt } from './run-attempt.ts';
import { createSwarmLog } from './swarm-log.ts';
import { whenApart } from './when-apart.ts';

/**
 * One delivered job: claims the task, runs its agent, writes down how it ended, and sends the tasks that this made ready on
 * their way. One of them may be handed over with the answer, and is run in the same place, others beside it. A job whose task
 * is not to be had is done with.
 */
export async function handleTask(deps: ProcessorDeps, job: TaskJob): Promise<void> {
  const { swarmId, taskId, attempt } = job;
  if (deps.drain.aborted) return passOn(deps, job);
  const wish = { swarmId, taskId, attempt, token: randomUUID(), workerId: deps.workerId };
  const claimed = await claimWhenPossible(deps, wish);
  if (claimed === undefined) return takeBack(deps, job, wish);
  if (!claimed.claimed) {
    deps.log.debug(
      { swarmId, taskId, attempt, why: claimed.why },
      'A job came for a task that is not to be had',
    );
    if (claimed.why === 'task-not-queued') await reportStale(deps, job);
    return;
  }
  await runPlace(deps, claimed);
}

/** A job given up because Redis is full would be missed only seconds after that. @returns undefined: this worker is stopping */
async function claimWhenPossible(
  { ledger, drain }: ProcessorDeps,
  wish: Parameters<typeof claimTask>[1],
): Promise<ClaimResult | undefined> {
  try {
    return await guardedWrite(drain, () => claimTask(ledger, wish));
  } catch (error) {
    if (error instanceof AttemptAborted) return undefined;
    throw error;
  }
}

/** A place of the worker, from its first task to the last that is handed over in it. */
async function runPlace(deps: ProcessorDeps, first: Claimed): Promise<void> {
  const slot: Slot = { handOvers: 0, since: performance.now() };
  // A task handed over begins while the jobs of the others are still being added.
  const sending: Promise<void>[] = [];
  for (let next: Claimed | undefined = first; next !== undefined; slot.handOvers += 1) {
    const ended: EndedAttempt = await runClaimed(deps, next, slot);
    sending.push(sendOn(deps, first.claim.swarmId, ended));
    next = ended.next;
  }
  await Promise.all(sending);
}

async function runClaimed(deps: ProcessorDeps, claimed: Claimed, slot: Slot): Promise<EndedAttempt> {
  const task = deps.keeper.hold(claimed.claim);
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const begin = (run: Attempt) => {
    timer = setTimeout(() => task.interrupt(timedOut(claimed)), timerMs(claimed.spec.timeoutMs));
    return attemptIt(deps, run);
  };
  let kept: KeptPlaces | undefined;
  const placesForNext = () => {
    if (deps.drain.aborted || deps.room.full || !mayHandOver(slot, performance.now(), deps.places.free))
      return 0;
    // Others that have nothing to do take the rest from the queue: a swarm is not to run on one worker beside idle ones.
    kept = deps.places.keep(Math.max(0, (claimed.state.fanOut ?? 1) - 1 - deps.othersFree()));
    return 1 + kept.count;
  };
  let ended: EndedAttempt | undefined;
  try {
    const run = await beginAttempt(deps, claimed, task);
    const outcome = await whenApart(deps, run, () => begin(run)).catch((error: unknown) => ({ error }));
    clearTimeout(timer);
    keepMeasured(deps, claimed.claim.swarmId);
    ended = await endAttempt(deps, run, outcome, placesForNext);
  } finally {
    clearTimeout(timer);
    deps.keeper.letGo(task);
    kept?.use((ended?.beside ?? []).map((other) => () => runPlace(deps, other)));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  deps.metrics.taskExecutionSeconds.observe({ type: claimed.spec.type }, seconds);
  deps.metrics.taskSeconds.observe({ agent_type: claimed.spec.agentType, outcome: ended.outcome }, seconds);
  return ended;
}

/** Sent before the attempt ends, with which the swarm may end. Display only: nobody waits for it. */
function keepMeasured({ ledger, workerId, used, log }: ProcessorDeps, swarmId: string): void {
  noteResources(ledger, swarmId, { workerId, ...used() }).catch((error: unknown) =>
    log.debug({ reason: errorMessage(error), swarmId }, 'What this worker used was not written down'),
  );
}

async function beginAttempt(deps: ProcessorDeps, claimed: Claimed, task: Attempt['task']): Promise<Attempt> {
  const { spec, state, claim } = claimed;
  const { swarmId, taskId, attempt } = claim;
  const log = deps.log.child({ swarmId, taskId, attempt });
  const agent = await getAgentAtWork(deps.ledger, swarmId, state.agentId ?? '').catch(() => undefined);
  const swarmLog = createSwarmLog(
    { ledger: deps.ledger, log },
    { swarmId, taskId, source: agent?.name ?? 'worker' },
  );
  // Names of tasks are prompt text: they stand in the swarm's own log, not in the process's.
  log.info({ agentType: spec.agentType }, 'Running a task');
  const which = attempt === 1 ? 'Started' : `Started attempt ${attempt} of`;
  swarmLog.write('info', `${which} "${spec.name}" on worker ${deps.workerId}.`);
  return { task, spec, state, log, swarmLog };
}

/** A program's own `execute` that hangs before it begins the attempt hears of no signal: it is not waited for. */
async function attemptIt(deps: ProcessorDeps, run: Attempt): Promise<AttemptOutcome> {
  if (deps.execute === undefined) return runAttempt(deps, run);
  let begun: Promise<AttemptOutcome> | undefined;
  const begin = () => {
    begun = runAttempt(deps, run);
    return begun;
  };
  try {
    return await untilAborted(run.task.work, deps.execute(run.task.claim, begin));
  } catch (error) {
    await begun?.catch(() => undefined);
    throw error;
  }
}

function timedOut({ spec }: Claimed): ClaudeFlowError {
  const message = `The task took longer than its timeout of ${spec.timeoutMs / 1000} s. Give it more time, or split it.`;
  return new ClaudeFlowError('task_timeout', message, { retryable: true });
}

/** Delivered again while its task still runs, as the ledger says: whoever ran it may be lost. A scheduler looks after it. */
async function reportStale(deps: ProcessorDeps, { swarmId, taskId, attempt }: TaskJob): Promise<void> {
  const task = (await getTask(deps.ledger, swarmId, taskId))?.state;
  if (task?.status === 'running' && task.attempt === attempt) await requestRepair(deps.queues, swarmId);
}

/** Delivered to a worker that is stopping (one fetch is always under way): off to another one, unclaimed. */
async function passOn(deps: ProcessorDeps, { swarmId, taskId, attempt }: TaskJob): Promise<void> {
  const queued = await requeueTask(deps.ledger, { swarmId, taskId, attempt });
  if (queued !== undefined) await enqueueTasks(deps.queues, [queued]);
}

/** This worker began to stop while it asked for the task: the answer may have been lost, or come later. */
async function takeBack(deps: ProcessorDeps, job: TaskJob, claim: TaskClaim): Promise<void> {
  const reason = 'The worker is stopping; another goes on.';
  const wasOurs = await releaseTask(deps.ledger, claim, reason).catch(() => undefined);
  if (wasOurs === undefined) await passOn(deps, job);
  else if (wasOurs === 'ready') await dispatchSwarm(deps, job.swarmId);
}

/** The fast path; what it misses the sweep finds. */
async function sendOn(deps: ProcessorDeps, swarmId: string, ended: EndedAttempt): Promise<void> {
  try {
    await ended.sendOn?.();
    if (ended.dispatch) await dispatchSwarm(deps, swarmId);
  } catch (error) {
    deps.log.warn(
      { swarmId, reason: errorMessage(error) },
      'Ready tasks could not be sent on; the sweep will do it',
    );
  }
}
