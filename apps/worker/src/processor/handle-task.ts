import { randomUUID } from 'node:crypto';
import type { TaskJob } from '@claude-flow/core/contracts/jobs';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { dispatchSwarm, enqueueTasks } from '@claude-flow/core/queue/dispatcher';
import type { SwarmLoad } from '@claude-flow/core/store/swarm-load';
import { getAgent } from '@claude-flow/core/store/task-reads';
import { type ClaimResult, claimTask, requeueTask } from '@claude-flow/core/store/tasks';
import type { Attempt } from './attempt.ts';
import { endAttempt } from './end-attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';
import { runAttempt } from './run-attempt.ts';
import { createSwarmLog } from './swarm-log.ts';

type Claimed = Extract<ClaimResult, { claimed: true }>;

/**
 * One delivered job: claims the task, runs its agent, writes down how it ended, and sends the tasks that this made ready on
 * their way. A job whose task is not to be had is done with.
 */
export async function handleTask(deps: ProcessorDeps, job: TaskJob): Promise<void> {
  const { swarmId, taskId, attempt } = job;
  if (deps.drain.aborted) return passOn(deps, job);
  const wish = { swarmId, taskId, attempt, token: randomUUID(), workerId: deps.workerId };
  const claimed = await claimTask(deps.ledger, wish);
  if (!claimed.claimed) {
    deps.log.debug(
      { swarmId, taskId, attempt, why: claimed.why },
      'A job came for a task that is not to be had',
    );
    return;
  }
  const task = deps.keeper.hold(claimed.claim);
  const startedAt = performance.now();
  const timer = setTimeout(() => task.interrupt(timedOut(claimed)), claimed.spec.timeoutMs);
  let ended: Awaited<ReturnType<typeof endAttempt>>;
  try {
    const run = await beginAttempt(deps, claimed, task);
    const outcome = await runAttempt(deps, run).catch((error: unknown) => ({ error }));
    clearTimeout(timer);
    ended = await endAttempt(deps, run, outcome);
  } finally {
    clearTimeout(timer);
    deps.keeper.letGo(task);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  deps.metrics.taskSeconds.observe({ agent_type: claimed.spec.agentType, outcome: ended.outcome }, seconds);
  // What took the task away has dispatched the swarm itself.
  if (ended.outcome !== 'fenced') await dispatch(deps, swarmId, ended.load);
}

async function beginAttempt(deps: ProcessorDeps, claimed: Claimed, task: Attempt['task']): Promise<Attempt> {
  const { spec, state, claim } = claimed;
  const { swarmId, taskId, attempt } = claim;
  const log = deps.log.child({ swarmId, taskId, attempt });
  const agent = await getAgent(deps.ledger, swarmId, state.agentId ?? '').catch(() => undefined);
  const swarmLog = createSwarmLog(
    { ledger: deps.ledger, log },
    { swarmId, taskId, source: agent?.name ?? 'worker' },
  );
  log.info({ agentType: spec.agentType }, `Running "${spec.name}"`);
  const which = attempt === 1 ? 'Started' : `Started attempt ${attempt} of`;
  swarmLog.write('info', `${which} "${spec.name}" on worker ${deps.workerId}.`);
  return { task, spec, state, log, swarmLog };
}

function timedOut({ spec }: Claimed): ClaudeFlowError {
  const message = `The task took longer than its timeout of ${spec.timeoutMs / 1000} s. Give it more time, or split it.`;
  return new ClaudeFlowError('task_timeout', message, { retryable: true });
}

/** Delivered to a worker that is stopping (one fetch is always under way): off to another one, unclaimed. */
async function passOn(deps: ProcessorDeps, { swarmId, taskId, attempt }: TaskJob): Promise<void> {
  const queued = await requeueTask(deps.ledger, { swarmId, taskId, attempt });
  if (queued !== undefined) await enqueueTasks(deps.queues, [queued]);
}

/** Also when nothing became ready: this attempt's place goes to whoever waits. What this misses the sweep finds. */
async function dispatch(deps: ProcessorDeps, swarmId: string, load: SwarmLoad | undefined): Promise<void> {
  try {
    await dispatchSwarm(deps, swarmId, load);
  } catch (error) {
    deps.log.warn(
      { swarmId, reason: errorMessage(error) },
      'Ready tasks could not be sent on; the sweep will do it',
    );
  }
}
