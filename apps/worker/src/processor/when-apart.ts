import { tryApart } from '@claude-flow/core/store/tasks';
import { guardedWrite } from '../lease/guarded-write.ts';
import type { Attempt } from './attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';

/**
 * Begins the work of an attempt; of a suspect, once no other one is at work here. The first time a suspect has company again as soon as it is
 * past the step at which its worker was lost, a turn of its own: most losses are no task's doing. From the second on it has none.
 * @throws what the work throws; while it waits, the reason for which this attempt is to stop
 */
export async function whenApart<T>(
  deps: Pick<ProcessorDeps, 'ledger' | 'suspects' | 'drain'>,
  { task, state, log }: Pick<Attempt, 'task' | 'state' | 'log'>,
  work: () => Promise<T>,
): Promise<T> {
  if (state.crashes === 0) return work();
  log.info(
    { crashes: state.crashes },
    'A worker was lost under this task: it is tried beside no other such task',
  );
  const leave = await deps.suspects.enter(AbortSignal.any([task.work, task.boundary, deps.drain]));
  try {
    await guardedWrite(task.ownership, () => tryApart(deps.ledger, task.claim));
    if (state.crashes === 1) task.onTurnDone = leave;
    return await work();
  } finally {
    leave();
  }
}
