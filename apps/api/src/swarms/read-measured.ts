import type { SwarmState } from '@claude-flow/core/domain/task';
import { listAgents } from '@claude-flow/core/store/agents';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { listTasks, readResults } from '@claude-flow/core/store/task-reads';
import { completedOf } from '../tasks/task-view.ts';
import type { SwarmMeasured } from './metrics-view.ts';

/** Results that are read, and forgotten but for their quality, at a time. */
const RESULTS_AT_ONCE = 20;

/** What a swarm's measures are made of. @returns `read`: what it took to read */
export async function readMeasured(
  ledger: Ledger,
  swarm: SwarmState,
): Promise<SwarmMeasured & { read: { records: number; bytes: number } }> {
  const [tasks, agents] = await Promise.all([listTasks(ledger, swarm.id), listAgents(ledger, swarm.id)]);
  const completed = completedOf(tasks);
  const qualities: number[] = [];
  const read = { records: tasks.length + agents.length, bytes: 0 };
  for (let at = 0; at < completed.length; at += RESULTS_AT_ONCE) {
    const results = await readResults(ledger, swarm.id, completed.slice(at, at + RESULTS_AT_ONCE));
    for (const { quality, output, summary } of results.values()) {
      read.bytes += output.length + summary.length;
      if (quality !== null) qualities.push(quality);
    }
  }
  return { swarm, tasks, agents, qualities, read };
}
