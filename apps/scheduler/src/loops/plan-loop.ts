import { setTimeout as sleep } from 'node:timers/promises';
import { planJobSchema } from '@claude-flow/core/contracts/jobs';
import type { StoredPlan } from '@claude-flow/core/contracts/plan';
import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import type { SwarmStatus } from '@claude-flow/core/domain/states';
import { type Consumer, consume } from '@claude-flow/core/queue/consumer';
import { dispatchSwarm } from '@claude-flow/core/queue/dispatcher';
import { QUEUE_NAMES } from '@claude-flow/core/queue/names';
import { isRedisAway, type RedisClient } from '@claude-flow/core/redis/connect';
import { publishControl, subscribeControl } from '@claude-flow/core/relay/control';
import { appendLog, type LogLevel } from '@claude-flow/core/store/logs';
import { failPlan, storePlan } from '@claude-flow/core/store/plans';
import { getSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { makePlan, type PlannerDeps } from '../planner/make-plan.ts';
import { PlanRejected } from '../planner/plan-rejected.ts';
import { PLAN_DRAIN_MS } from '../planner/tunables.ts';
import { type PlanLease, type PlanLeaseDeps, takePlanLease } from './plan-lease.ts';
import { untilAnswered } from './until-answered.ts';

export interface PlanLoopDeps extends PlanLeaseDeps {
  planner: PlannerDeps;
  /** A connection of its own: the consumer blocks it. */
  consumerRedis: RedisClient;
  /** A connection of its own, in subscriber mode: hears of swarms that end. */
  subscriber: RedisClient;
  /** Plans made at the same time by this process. */
  concurrency: number;
  /** How long `stop` waits for plans at work, in milliseconds. */
  drainMs?: number;
}

export interface PlanLoop {
  /** Takes no more plans, lets those at work be finished for a while, and hands the rest to another scheduler. */
  stop(): Promise<void>;
}

export async function startPlanLoop(deps: PlanLoopDeps): Promise<PlanLoop> {
  const { ledger, log } = deps;
  const atWork = new Map<string, PlanLease>();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  await subscribeControl(deps.subscriber, ledger.keys.controlChannel, (message) => {
    atWork.get(message.swarmId)?.abort('the swarm was stopped');
  });

  async function handle(swarmId: string): Promise<void> {
    const lease = await takePlanLease(deps, swarmId, stopping.signal);
    if (lease === undefined) return;
    atWork.set(swarmId, lease);
    try {
      if (stopping.signal.aborted) lease.abort('this scheduler is stopping');
      const status = await planSwarm(swarmId, lease);
      if (status === 'executing') await dispatchSwarm(deps, swarmId);
    } finally {
      lease.end();
      atWork.delete(swarmId);
    }
  }

  async function planSwarm(swarmId: string, lease: PlanLease): Promise<SwarmStatus | undefined> {
    try {
      return await makeAndStore(deps, swarmId, lease);
    } catch (error) {
      if (stopping.signal.aborted) await lease.handOver();
      else if (lease.signal.aborted)
        log.info({ swarmId }, `Planning ended: ${errorMessage(lease.signal.reason)}`);
      else await giveUp(deps, swarmId, error);
      return undefined;
    }
  }

  const consumer: Consumer = consume({
    queue: QUEUE_NAMES.plan,
    prefix: ledger.keys.queuePrefix,
    redis: deps.consumerRedis,
    schema: planJobSchema,
    concurrency: deps.concurrency,
    async handle({ swarmId }) {
      const plan = handle(swarmId);
      underWay.add(plan);
      await plan.finally(() => underWay.delete(plan));
    },
    onError: (error, payload) =>
      log.warn({ err: error, payload }, 'A plan request failed; the sweep makes up for it'),
  });

  return {
    async stop() {
      stopping.abort(new Error('this scheduler is stopping'));
      await consumer.pause();
      // Cut off now, an answer under way would be paid and thrown away.
      await settledWithin([...underWay], deps.drainMs ?? PLAN_DRAIN_MS);
      for (const lease of atWork.values()) lease.abort('this scheduler is stopping');
      await consumer.close();
    },
  };
}

async function settledWithin(work: Promise<void>[], ms: number): Promise<void> {
  const timeUp = new AbortController();
  const timer = sleep(ms, undefined, { signal: timeUp.signal }).catch(() => undefined);
  await Promise.race([Promise.allSettled(work), timer]);
  timeUp.abort();
}

/** @returns the swarm's status with its plan; undefined when the swarm is gone */
async function makeAndStore(
  deps: PlanLoopDeps,
  swarmId: string,
  lease: PlanLease,
): Promise<SwarmStatus | undefined> {
  const { ledger, log } = deps;
  const swarm = await getSwarm(ledger, swarmId);
  if (swarm === undefined) return undefined;
  const tell = (level: LogLevel, message: string) =>
    appendLog(ledger, swarmId, { level, source: 'scheduler', message }).catch((error: unknown) =>
      log.warn({ err: error, swarmId }, 'A line of the swarm’s log was lost'),
    );

  const { signal, confirm, tellTrouble } = lease;
  const plan = await makePlan(deps.planner, swarm, { signal, confirm, tell, tellTrouble }).catch(
    (error: unknown) => {
      if (error instanceof PlanRejected) return error;
      throw error;
    },
  );
  if (plan instanceof PlanRejected) {
    const { message, usage } = plan;
    log.warn({ event: 'plan.rejected', swarmId, ...usage }, message);
    const end = { reason: 'model-rejected', message, usage } as const;
    await untilAnswered(signal, () => failPlan(ledger, swarmId, lease.token, end));
    await tell('error', message);
    return undefined;
  }
  // It is paid for.
  const status = await untilAnswered(lease.signal, () => storePlan(ledger, swarmId, lease.token, plan));
  if (status === 'failed') {
    log.info({ event: 'plan.over-budget', swarmId, ...plan.usage }, 'The plan used up the budget');
    await tell('warn', 'Making the plan used up the budget; the swarm was ended.');
    return status;
  }
  const facts = { source: plan.source, degraded: plan.degraded, tasks: plan.tasks.length, ...plan.usage };
  log.info({ event: 'plan.stored', swarmId, ...facts }, 'Plan stored');
  await tell(plan.degraded ? 'warn' : 'info', planSentence(plan));
  return status;
}

function planSentence(plan: StoredPlan): string {
  const count = `The plan has ${plan.tasks.length} ${plan.tasks.length === 1 ? 'task' : 'tasks'}.`;
  if (plan.degradedReason !== undefined) return `${count} ${plan.degradedReason}`;
  const mended = plan.mended === undefined ? '' : ` Mended in it: ${plan.mended.join(' ')}`;
  return `${count} ${plan.summary}${mended}`;
}

/** Codes with which the ledger says that the plan is not ours to store any more. */
const NOT_OURS = ['fenced', 'swarm_state_conflict', 'swarm_not_found'];

/** A plan that cannot be made or stored would be paid again and again: the swarm ends, and says why. */
async function giveUp(deps: PlanLoopDeps, swarmId: string, error: unknown): Promise<void> {
  if (isRedisAway(error)) throw error;
  if (error instanceof ClaudeFlowError && NOT_OURS.includes(error.code)) {
    deps.log.info({ swarmId, code: error.code }, 'The plan came too late and was dropped');
    return;
  }
  deps.log.error({ err: error, swarmId }, 'A plan could not be stored; the swarm is stopped');
  const message = `The swarm was stopped because its plan could not be stored (${errorMessage(error)}). Create it again.`;
  await stopSwarm(deps.ledger, swarmId, { reason: 'stopped', message });
  await publishControl(deps.ledger, { type: 'stop', swarmId });
}
