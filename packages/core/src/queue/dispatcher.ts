import { taskJobId } from '../domain/ids.ts';
import { type Priority, queuePriority } from '../domain/vocabulary.ts';
import { admit, type Grant } from '../store/admission.ts';
import type { Ledger } from '../store/ledger.ts';
import { readSwarmLoad, type SwarmLoad } from '../store/swarm-load.ts';
import { dispatchTasks, type QueuedTask } from '../store/tasks.ts';
import { visitAdmission } from './admission-desk.ts';
import type { Queues } from './queues.ts';

/** A dispatcher that finds others' work to send on again and again leaves the rest to the next one after so many rounds. */
const MAX_ROUNDS = 50;

export interface DispatcherDeps {
  ledger: Ledger;
  queues: Queues;
}

/**
 * The one way from `ready` to a job. Admission says whose turn it is and how much the fleet has room for; the script of
 * that swarm decides and writes it down; the job that follows is only the knock on a worker's door. A crash in between is
 * repaired by the sweep, which adds the same job id again.
 *
 * Call it whenever tasks of a swarm may have become ready, and whenever some have ended or been taken back: it reports the
 * swarm, so that what it no longer uses goes to whoever waits.
 * @param known the swarm's load, when a transition has just answered it; else it is read
 * @returns how many tasks of this swarm were queued; others may have been, whose turn it was
 */
export async function dispatchSwarm(
  deps: DispatcherDeps,
  swarmId: string,
  known?: SwarmLoad,
): Promise<number> {
  const load = known ?? (await readSwarmLoad(deps.ledger, swarmId));
  const [grants] = await Promise.all([
    visitAdmission(deps.ledger, { loads: [load] }),
    wakeFor(deps.queues, load),
  ]);
  return useGrants(deps, grants, swarmId);
}

/** Lets those through who wait, when there may be room: a worker has come, time has passed. @returns how many tasks were queued */
export async function dispatchWaiting(
  deps: DispatcherDeps,
  loads: readonly SwarmLoad[] = [],
): Promise<number> {
  return useGrants(deps, await visitAdmission(deps.ledger, { loads }));
}

/** Queues what was let through, reports it, and goes on with what that let through. */
async function useGrants(deps: DispatcherDeps, first: Grant[], countFor?: string): Promise<number> {
  let grants = first;
  let total = 0;
  for (let round = 1; grants.length > 0; round += 1) {
    const used = await Promise.all(grants.map((grant) => useGrant(deps.ledger, grant)));
    const queued = used.flatMap((one) => one.queued);
    const loads = used.map((one) => one.load);
    const releases = grants.map((grant) => grant.reservation);
    const news = { loads, releases };
    const [next] = await Promise.all([
      round < MAX_ROUNDS ? visitAdmission(deps.ledger, news) : admit(deps.ledger, [news], 0),
      enqueueTasks(deps.queues, queued),
      ...loads.map((load) => wakeFor(deps.queues, load)),
    ]);
    total += queued.filter((task) => countFor === undefined || task.swarmId === countFor).length;
    grants = next;
  }
  return total;
}

async function useGrant(
  ledger: Ledger,
  { swarmId, attempts, useBefore }: Grant,
): Promise<{ queued: QueuedTask[]; load: SwarmLoad }> {
  // Whoever was held up for so long may find that others were let through instead.
  const usable = performance.now() < useBefore;
  const { queued, load } = usable
    ? await dispatchTasks(ledger, swarmId, attempts)
    : { queued: [], load: undefined };
  if (load === undefined) return { queued, load: await readSwarmLoad(ledger, swarmId) };
  // What is left waits for an agent of its own; asking again at once would not help.
  return { queued, load: queued.length < attempts ? { ...load, wanted: 0 } : load };
}

async function wakeFor(queues: Queues, { swarmId, nextRetryAt }: SwarmLoad): Promise<void> {
  if (nextRetryAt !== undefined) await wakeAt(queues, swarmId, nextRetryAt);
}

/** Adds the jobs of queued attempts. A job that is there already stays as it is. */
export async function enqueueTasks(queues: Queues, tasks: readonly QueuedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  await queues.task.addBulk(
    tasks.map(({ swarmId, taskId, attempt, priority }) => ({
      name: 'run',
      data: { swarmId, taskId, attempt },
      opts: { jobId: taskJobId(swarmId, taskId, attempt), priority: queuePriority(priority as Priority) },
    })),
  );
}

/** Has a scheduler dispatch the swarm at a moment (milliseconds since 1970). */
export async function wakeAt(queues: Queues, swarmId: string, at: number): Promise<void> {
  const delay = Math.max(0, at - Date.now());
  await queues.wake.add('wake', { swarmId }, { jobId: `${swarmId}.wake.${at}`, delay });
}

/** Asks for a swarm's plan. @param round tells a repeated request (the sweep's) from the first */
export async function enqueuePlan(queues: Queues, swarmId: string, round = 'first'): Promise<void> {
  await queues.plan.add('plan', { swarmId }, { jobId: `${swarmId}.plan.${round}` });
}
