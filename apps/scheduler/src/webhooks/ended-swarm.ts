import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { LAST_EVENTS } from '@claude-flow/core/contracts/swarm-event';
import { cutText } from '@claude-flow/core/domain/cut-text';
import type { SwarmState } from '@claude-flow/core/domain/task';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getSwarmState } from '@claude-flow/core/store/swarms';
import { getResult, listTasks } from '@claude-flow/core/store/task-reads';

/** Characters of the closing report: a message, not an archive. The whole is in the swarm's results. */
const MAX_SUMMARY = 20_000;
const MICROS_PER_DOLLAR = 1_000_000;
const lastEvents: ReadonlySet<string> = new Set(LAST_EVENTS);

/**
 * What a receiver wants to know when a swarm has ended, so that it need not ask for it.
 * @returns undefined for events that end nothing, and when the swarm is gone meanwhile
 */
export async function endedSwarm(ledger: Ledger, event: SwarmEvent) {
  if (!lastEvents.has(event.type)) return undefined;
  const swarm = await getSwarmState(ledger, event.swarmId);
  if (swarm === undefined) return undefined;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costMicros } = swarm;
  const summary = await closingReport(ledger, swarm.id);
  return {
    // As GET /api/swarm/{id} says it: a stopped swarm has failed, and the reason says so.
    status: swarm.status === 'completed' ? ('completed' as const) : ('failed' as const),
    reason: swarm.reason ?? null,
    message: swarm.message ?? null,
    tasks: taskCounts(swarm),
    usage: {
      inputTokens,
      outputTokens,
      cacheReadTokens,
      cacheWriteTokens,
      costUsd: costMicros / MICROS_PER_DOLLAR,
    },
    durationMs:
      swarm.startedAt === undefined ? 0 : Math.max(0, (swarm.endedAt ?? event.at) - swarm.startedAt),
    summary: summary === undefined ? null : cutText(summary, MAX_SUMMARY, ' ...'),
  };
}

function taskCounts({ counts }: SwarmState) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { completed = 0, failed = 0, cancelled = 0, skipped = 0 } = counts;
  return { total, completed, failed, cancelled, skipped };
}

/** What the task that closes a planned swarm wrote. */
async function closingReport(ledger: Ledger, swarmId: string): Promise<string | undefined> {
  const tasks = await listTasks(ledger, swarmId);
  const last = tasks.find(({ spec }) => spec.agentType === 'synthesizer');
  const result = last === undefined ? undefined : await getResult(ledger, swarmId, last.spec.id);
  return result === undefined || result.output !== '' ? result?.output : result.summary;
}
