import type { SwarmState } from '@claude-flow/core/domain/task';
import { listAgents } from '@claude-flow/core/store/agents';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { countTasks, readResults, readTasks } from '@claude-flow/core/store/task-reads';
import { readPage } from '../http/pages.ts';
import { MAX_PAGE } from '../http/schemas/pages.ts';
import { clientStatus } from '../swarms/swarm-view.ts';
import { completedOf } from '../tasks/task-view.ts';
import { resultsView } from './results-view.ts';

/**
 * Some of a swarm's results. What takes all tasks to know is not in a page.
 * @returns with what it took to read
 */
export async function resultsPage(
  ledger: Ledger,
  swarm: SwarmState,
  { limit = MAX_PAGE, cursor }: { limit?: number | undefined; cursor?: string | undefined },
  now: number,
) {
  const { id } = swarm;
  const { items, nextCursor, read } = await readPage(
    { limit, cursor },
    {
      total: await countTasks(ledger, id),
      read: async (from, count) => {
        const tasks = await readTasks(ledger, id, from, count);
        const results = await readResults(ledger, id, completedOf(tasks));
        return tasks.map((task) => ({ task, result: results.get(task.spec.id) }));
      },
      numberOf: ({ task }) => task.spec.sequence,
      size: ({ result }) => (result === undefined ? 0 : result.output.length + result.summary.length),
    },
  );
  const results = new Map(
    items.flatMap(({ task, result }) => (result ? [[task.spec.id, result] as const] : [])),
  );
  const tasks = items.map(({ task }) => task);
  const agents = await listAgents(ledger, id);
  const view = resultsView({ swarm, tasks, results, agents }, now);
  const answer = {
    swarmId: id,
    status: clientStatus(swarm),
    results: { ...view, conflicts: null },
    nextCursor,
  };
  return { answer, records: read.records + agents.length, bytes: read.bytes };
}
