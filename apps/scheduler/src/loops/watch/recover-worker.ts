import { isSwarmId } from '@claude-flow/core/domain/ids';
import { classifyTask } from '@claude-flow/core/domain/stale';
import { parseTaskState, type TaskState } from '@claude-flow/core/domain/task';
import { deliveriesOf, freeDeliveries } from '@claude-flow/core/queue/backlog';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { getTask } from '@claude-flow/core/store/task-reads';
import { forEachAtMost } from '../sweep/at-most.ts';
import { repair } from '../sweep/repair.ts';
import { report, type SweepDeps } from '../sweep/sweep.ts';

/** Active swarms whose running tasks are read in one go. */
const PAGE = 200;
/** Tasks taken back at the same time. */
const REPAIRS_AT_ONCE = 8;

interface Held {
  swarmId: string;
  task: TaskState;
}

/**
 * Takes back what a worker that is gone had: tasks it ran, and deliveries it never claimed. Nothing is kept about who runs
 * what but the tasks themselves: a death is rare, and looking through the active swarms is cheap.
 * @param missedAt since when the worker is missed, by Redis's clock; a lease renewed after that is respected
 * @returns how many were taken back
 */
export async function recoverWorker(deps: SweepDeps, workerId: string, missedAt: number): Promise<number> {
  let recovered = 0;
  const mend = async (found: Held, finding: Parameters<typeof repair>[2]) => {
    try {
      if (!(await repair(deps, found.swarmId, finding, missedAt))) return;
      recovered += 1;
      await report(deps, found.swarmId, finding);
    } catch (error) {
      deps.log.error({ err: error, swarmId: found.swarmId }, 'A lost worker’s task could not be taken back');
    }
  };
  for await (const held of runningTasksOf(deps.ledger, workerId)) {
    await forEachAtMost(held, REPAIRS_AT_ONCE, async (found) => {
      const verdict = classifyTask({ task: found.task, workerGone: true }, missedAt);
      if (verdict === 'worker-gone') await mend(found, { verdict, task: found.task, missedAt });
    });
  }
  const deliveries = await deliveriesOf(deps.queues, workerId);
  await forEachAtMost(deliveries, REPAIRS_AT_ONCE, async ({ swarmId, taskId, attempt }) => {
    const task = (await getTask(deps.ledger, swarmId, taskId))?.state;
    if (task?.attempt !== attempt) return;
    const verdict = classifyTask({ task, job: 'active', workerGone: true }, missedAt);
    if (verdict === 'delivery-lost') await mend({ swarmId, task }, { verdict, task });
  });
  // What it took and never acknowledged would go on counting as agents at work.
  await freeDeliveries(deps.queues, workerId);
  return recovered;
}

/** Page by page through the active swarms. ZSCAN misses nothing that is there all the while. */
async function* runningTasksOf(ledger: Ledger, workerId: string): AsyncGenerator<Held[]> {
  const { redis, keys } = ledger;
  let cursor = '0';
  do {
    const [next, entries] = await redis.zscan(keys.activeSwarms, cursor, 'COUNT', PAGE);
    cursor = next;
    const swarmIds = entries.filter((entry, index) => index % 2 === 0 && isSwarmId(entry));
    const ids = await Promise.all(swarmIds.map((id) => redis.zrange(keys.swarm(id, 'running'), '0', '-1')));
    const tasks = await Promise.all(
      swarmIds.map(async (id, index) => {
        const running = ids[index] ?? [];
        return running.length === 0 ? [] : redis.hmget(keys.swarm(id, 'tasks'), ...running);
      }),
    );
    yield swarmIds.flatMap((swarmId, index) =>
      (tasks[index] ?? [])
        .filter((json) => json !== null)
        .map((json) => ({ swarmId, task: parseTaskState(json) }))
        .filter(({ task }) => task.workerId === workerId),
    );
  } while (cursor !== '0');
}
