import type { SwarmRecord, SwarmState } from '@claude-flow/core/domain/task';
import type { Mode } from '@claude-flow/core/domain/vocabulary';
import type { OwnerNames } from '@claude-flow/core/store/owner-names';
import type { SwarmSummary } from '@claude-flow/core/store/swarm-record';
import type { WebhookInfo } from '@claude-flow/core/store/webhooks';
import { iso, isoOrNull } from '../http/time.ts';
import { budgetView } from './budget-view.ts';
import { usageView } from './usage-view.ts';
import { webhookView } from './webhook-view.ts';

/** The states that clients know; the ledger's are finer. */
export const CLIENT_STATUSES = ['planning', 'executing', 'paused', 'completed', 'failed'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

/** How swarms run today, whatever mode was asked for. */
export const EFFECTIVE_MODE: Mode = 'centralized';

/**
 * What a client is told of a swarm's state. The document's own clients wait for `completed` or `failed` only, so that a
 * stopped swarm reads `failed`, with `reason` beside it; a swarm that waits to be started reads `planning`.
 */
export function clientStatus(swarm: Pick<SwarmRecord, 'status' | 'startRequested'>): ClientStatus {
  switch (swarm.status) {
    case 'planning':
      return swarm.startRequested ? 'executing' : 'planning';
    case 'ready':
      return 'planning';
    case 'stopped':
      return 'failed';
    default:
      return swarm.status;
  }
}

export function progressView(counts: SwarmRecord['counts']) {
  const totalTasks = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const completedTasks = counts.completed ?? 0;
  const percentComplete = totalTasks === 0 ? 0 : Math.floor((100 * completedTasks) / totalTasks);
  return { totalTasks, completedTasks, percentComplete };
}

/** `data` of GET /api/swarm/{id}. @param hook its webhook, if it has one */
export function swarmView(swarm: SwarmRecord, hook: WebhookInfo | undefined) {
  return {
    id: swarm.id,
    name: swarm.name,
    description: swarm.objective,
    status: clientStatus(swarm),
    strategy: swarm.strategy,
    mode: swarm.mode,
    effectiveMode: EFFECTIVE_MODE,
    maxAgents: swarm.maxAgents,
    timeout: swarm.timeoutMs,
    parallel: swarm.parallel,
    options: swarm.options,
    model: swarm.model ?? null,
    planned: swarm.planned,
    planSource: swarm.planSource ?? null,
    planDegraded: swarm.planDegraded,
    progress: progressView(swarm.counts),
    tasksByStatus: swarm.counts,
    usage: usageView(swarm),
    budget: budgetView(swarm),
    webhook: webhookView(hook),
    lastEvent: swarm.seq,
    createdAt: iso(swarm.createdAt),
    startedAt: isoOrNull(swarm.startedAt),
    endedAt: isoOrNull(swarm.endedAt),
    reason: swarm.reason ?? null,
    message: swarm.message ?? planTrouble(swarm) ?? null,
  };
}

/** Why a swarm that waits for its plan has none yet. */
function planTrouble({ status, planned, planTrouble }: SwarmState): string | undefined {
  return status === 'planning' && !planned ? planTrouble : undefined;
}

/** One swarm of a list. @param owners for administrators, who see everybody's: what their owners are called */
export function swarmSummary(swarm: SwarmSummary, owners: OwnerNames | undefined) {
  return {
    swarmId: swarm.id,
    ...(owners === undefined ? {} : { owner: owners.shown(swarm.owner) }),
    name: swarm.name,
    status: clientStatus(swarm),
    strategy: swarm.strategy,
    progress: progressView(swarm.counts),
    createdAt: iso(swarm.createdAt),
    endedAt: isoOrNull(swarm.endedAt),
    reason: swarm.reason ?? null,
  };
}
