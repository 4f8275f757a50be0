import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { newSwarmId, swarmIdTime } from '@claude-flow/core/domain/ids';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { createAndDispatch, enqueuePlan } from '@claude-flow/core/queue/dispatcher';
import { wasDeletedBy } from '@claude-flow/core/store/deletions';
import { reserveSwarmId } from '@claude-flow/core/store/idempotency';
import { appendLog } from '@claude-flow/core/store/logs';
import { callerPlan } from '@claude-flow/core/store/plans';
import { getSwarmState } from '@claude-flow/core/store/swarms';
import type { NewWebhook } from '@claude-flow/core/store/webhooks';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../http/deps.ts';
import { allowedBudget } from '../limits/spending.ts';
import { giveRoomBack, roomForSwarm } from '../limits/storage-room.ts';
import { budgetRecord } from './budget-view.ts';
import type { CreateSwarm } from './create-swarm-schema.ts';
import { sentOn } from './dispatch-soon.ts';
import { measureCreation } from './measure-creation.ts';
import { placeForStart, startInPlace } from './start-swarm.ts';
import { swarmName } from './swarm-name.ts';
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
  /** Milliseconds since 1970; of the first request, as is all of this, so that a repeated one is told the same. */
  acceptedAt: number;
  /** It had its tasks from the beginning: the caller's own. */
  planned: boolean;
  /** An earlier request with the same idempotency key had made it. */
  replayed: boolean;
}

/**
 * Writes the swarm down, with the caller's own graph if there is one, else asks for its plan. Every step can be repeated, so
 * that a retry with the same idempotency key completes what a crash cut short.
 */
export function acceptSwarm(deps: ApiDeps, request: CreationRequest): Promise<Creation> {
  return measureCreation(deps.metrics, request.wish.strategy, () => accept(deps, request));
}

async function accept(deps: ApiDeps, request: CreationRequest): Promise<Creation> {
  const { ledger } = deps;
  const { principal, wish, body, idempotencyKey } = request;
  const budget = allowedBudget(deps.config.spending, wish);
  refusePrivateTarget(deps.config, wish.webhook?.url);
  const now = deps.now();
  const freshId = newSwarmId(now);
  const swarmId =
    idempotencyKey === undefined
      ? freshId
      : await reserveSwarmId(ledger, { owner: principal.owner, idempotencyKey, body, freshId });
  const first = {
    swarmId,
    name: swarmName(wish.objective),
    acceptedAt: swarmIdTime(swarmId),
    planned: wish.tasks !== undefined,
  };
  if (swarmId !== freshId && (await wasDeletedBy(ledger, principal.owner, swarmId))) {
    // A late retry is told what the first request was told; it does not bring the swarm back.
    return { ...first, replayed: true };
  }
  // Before anything is written: a refused swarm leaves no trace.
  const { owner } = principal;
  await roomForSwarm(deps, { swarmId, owner, bytes: Buffer.byteLength(body) });
  if (wish.autoStart) {
    await placeForStart(deps, { swarmId, owner }, freshId !== swarmId).catch(async (error: unknown) => {
      if (freshId === swarmId) await giveRoomBack(deps, { swarmId, owner });
      throw error;
    });
  }
  const plan = wish.tasks && (await callerPlan(wish.tasks, deps.config.taskDefaults));
  const made = await createAndDispatch(
    deps,
    {
      id: swarmId,
      owner: principal.owner,
      name: first.name,
      objective: wish.objective,
      strategy: wish.strategy,
      mode: wish.mode,
      maxAgents: wish.maxAgents,
      timeoutMs: wish.timeout,
      parallel: wish.parallel,
      options: wish.options,
      ...(wish.model === undefined ? {} : { model: wish.model }),
      ...(budget === undefined ? {} : { budget: budgetRecord(budget) }),
      ...(wish.webhook === undefined ? {} : { webhook: webhookRecord(wish.webhook) }),
      ...(deps.config.storage.perSwarm === undefined ? {} : { storageLimit: deps.config.storage.perSwarm }),
    },
    now,
    { plan, start: wish.autoStart },
  ).catch((error: unknown) => {
    // It was deleted since we looked.
    if (error instanceof ClaudeFlowError && error.code === 'swarm_not_found') return undefined;
    throw error;
  });
  if (made === undefined) {
    await giveRoomBack(deps, { swarmId, owner });
    return { ...first, replayed: true };
  }
  const { created, sendOn } = made;
  if (created) logCreation(deps, swarmId);
  sentOn(deps, swarmId, sendOn());
  const existing = created ? undefined : await getSwarmState(ledger, swarmId);
  const planned = existing?.planned ?? plan !== undefined;
  const creation = { ...first, replayed: !created };
  if (existing !== undefined && isTerminalSwarm(existing.status)) return creation;
  if (!planned) await askForPlan(deps, swarmId);
  // One that was made before may be older than the wish to start it.
  if (wish.autoStart && !created) await start(deps, swarmId);
  return creation;
}

/** The first line of the swarm's own log, in the words of the document that this API follows. Nobody waits for it. */
function logCreation({ ledger, log }: ApiDeps, swarmId: string): void {
  const line = {
    level: 'info',
    source: 'HeadlessCoordinator',
    message: `Creating swarm: ${swarmId}`,
  } as const;
  appendLog(ledger, swarmId, line).catch((error: unknown) =>
    log.debug({ reason: errorMessage(error), swarmId }, 'The first line of a swarm’s log was lost'),
  );
}

function webhookRecord({ url, events, secret }: NonNullable<CreateSwarm['webhook']>): NewWebhook {
  return { url, events: [...new Set(events)], ...(secret === undefined ? {} : { secret }) };
}

async function askForPlan(deps: ApiDeps, swarmId: string): Promise<void> {
  try {
    await enqueuePlan(deps, swarmId);
  } catch (error) {
    // The swarm is in the ledger: a sweep finds that it has no plan yet.
    deps.log.warn({ err: error, swarmId }, 'The plan could not be asked for; a sweep will');
  }
}

async function start(deps: ApiDeps, swarmId: string): Promise<void> {
  try {
    await startInPlace(deps, swarmId);
  } catch (error) {
    const startedBefore = error instanceof ClaudeFlowError && error.code === 'swarm_state_conflict';
    if (!startedBefore) throw error;
  }
}
