import type { CallerTask } from '@claude-flow/core/contracts/plan';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { newSwarmId } from '@claude-flow/core/domain/ids';
import { callerTasksToTasks } from '@claude-flow/core/domain/plan-to-tasks';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { enqueuePlan } from '@claude-flow/core/queue/dispatcher';
import { wasDeletedBy } from '@claude-flow/core/store/deletions';
import { reserveSwarmId } from '@claude-flow/core/store/idempotency';
import { storePlan } from '@claude-flow/core/store/plans';
import { createSwarm, getSwarm } from '@claude-flow/core/store/swarms';
import type { NewWebhook } from '@claude-flow/core/store/webhooks';
import type { Principal } from './auth/principal.ts';
import type { ApiDeps } from './deps.ts';
import type { CreateSwarm } from './schemas/create-swarm.ts';
import { placeForStart, startInPlace } from './start-swarm.ts';
import { budgetRecord } from './views/budget-view.ts';
import { swarmName } from './views/swarm-name.ts';
import { refusePrivateTarget } from './webhook-target.ts';

export interface CreationRequest {
  principal: Principal;
  wish: CreateSwarm;
  /** The body as it came: what an idempotency key is bound to. */
  body: string;
  idempotencyKey?: string | undefined;
}

export interface Creation {
  swarmId: string;
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** It has its tasks: the caller's own. */
  planned: boolean;
  /** An earlier request with the same idempotency key had made it. */
  replayed: boolean;
}

/**
 * Writes the swarm down, then asks for its plan, or stores the caller's own graph. Every step can be repeated, so that a
 * retry with the same idempotency key completes what a crash cut short.
 */
export async function acceptSwarm(deps: ApiDeps, request: CreationRequest): Promise<Creation> {
  const { ledger } = deps;
  const { principal, wish, body, idempotencyKey } = request;
  refusePrivateTarget(deps.config, wish.webhook?.url);
  const now = deps.now();
  const freshId = newSwarmId(now);
  const swarmId =
    idempotencyKey === undefined
      ? freshId
      : await reserveSwarmId(ledger, { owner: principal.owner, idempotencyKey, body, freshId });
  const name = swarmName(wish.objective);
  if (swarmId !== freshId && (await wasDeletedBy(ledger, principal.owner, swarmId))) {
    // A late retry is told what the first request was told; it does not bring the swarm back.
    return { swarmId, name, createdAt: now, planned: wish.tasks !== undefined, replayed: true };
  }
  // Before anything is written: a refused swarm leaves no trace.
  if (wish.autoStart) await placeForStart(deps, swarmId, freshId !== swarmId);
  const { created } = await createSwarm(
    ledger,
    {
      id: swarmId,
      owner: principal.owner,
      name,
      objective: wish.objective,
      strategy: wish.strategy,
      mode: wish.mode,
      maxAgents: wish.maxAgents,
      timeoutMs: wish.timeout,
      parallel: wish.parallel,
      options: wish.options,
      ...(wish.model === undefined ? {} : { model: wish.model }),
      ...(wish.budget === undefined ? {} : { budget: budgetRecord(wish.budget) }),
      ...(wish.webhook === undefined ? {} : { webhook: webhookRecord(wish.webhook) }),
    },
    now,
    wish.tasks,
  );
  const existing = created ? undefined : await getSwarm(ledger, swarmId);
  const planned = existing?.planned === true;
  const creation = { swarmId, name, createdAt: existing?.createdAt ?? now, planned, replayed: !created };
  if (existing !== undefined && isTerminalSwarm(existing.status)) return creation;
  if (!planned) creation.planned = await plan(deps, swarmId, wish);
  if (wish.autoStart) await start(deps, swarmId, creation.replayed);
  return creation;
}

function webhookRecord({ url, events, secret }: NonNullable<CreateSwarm['webhook']>): NewWebhook {
  return { url, events: [...new Set(events)], ...(secret === undefined ? {} : { secret }) };
}

/** @returns whether the swarm has its tasks now */
async function plan(deps: ApiDeps, swarmId: string, { tasks }: CreateSwarm): Promise<boolean> {
  try {
    if (tasks === undefined) await enqueuePlan(deps, swarmId);
    else await storeCallerPlan(deps, swarmId, tasks);
    return tasks !== undefined;
  } catch (error) {
    // The swarm is in the ledger, with its own graph if it has one: a sweep finds that it has no plan yet.
    deps.log.warn({ err: error, swarmId }, 'The plan could not be asked for or stored; a sweep will');
    return false;
  }
}

async function storeCallerPlan(deps: ApiDeps, swarmId: string, tasks: CallerTask[]): Promise<void> {
  await storePlan(deps.ledger, swarmId, `caller-${swarmId}`, {
    source: 'caller',
    degraded: false,
    summary: `${tasks.length} task${tasks.length === 1 ? '' : 's'}, as the caller laid them out`,
    tasks: callerTasksToTasks(tasks, deps.config.taskDefaults),
  });
}

async function start(deps: ApiDeps, swarmId: string, replayed: boolean): Promise<void> {
  try {
    await startInPlace(deps, swarmId);
  } catch (error) {
    const startedBefore = error instanceof ClaudeFlowError && error.code === 'swarm_state_conflict';
    if (!(replayed && startedBefore)) throw error;
  }
}
