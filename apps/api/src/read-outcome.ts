import type { SwarmState } from '@claude-flow/core/domain/task';
import { listAgents } from '@claude-flow/core/store/agents';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { listResults, listTasks } from '@claude-flow/core/store/task-reads';
import type { SwarmOutcome } from './views/results-view.ts';

/** All that a swarm has made so far. */
export async function readOutcome(ledger: Ledger, swarm: SwarmState): Promise<SwarmOutcome> {
  const [tasks, results, agents] = await Promise.all([
    listTasks(ledger, swarm.id),
    listResults(ledger, swarm.id),
    listAgents(ledger, swarm.id),
  ]);
  return { swarm, tasks, results, agents };
}
