import { isTerminalTask } from '../src/domain/states.ts';
import type { TaskState } from '../src/domain/task.ts';
import type { LedgerSnapshot } from './ledger-snapshot.ts';

/** What is true of waiting tasks and of approvals after every transition. */
export function waitFaults(snapshot: LedgerSnapshot): string[] {
  const { tasks, approvals } = snapshot;
  const faults: string[] = [];
  for (const task of tasks.values()) {
    const waits = task.waitsOn ?? [];
    if ((task.status === 'waiting') !== (task.waitingFor !== undefined && waits.length > 0))
      faults.push(`${task.id} is ${task.status} and waits for [${waits.join(' ')}]`);
    for (const id of waits) {
      if (task.waitingFor === 'approval') {
        const approval = approvals.get(id);
        if (approval?.status !== 'pending' || approval.taskId !== task.id)
          faults.push(`${task.id} waits for ${id}, which is ${approval?.status} for ${approval?.taskId}`);
      } else {
        const child = tasks.get(id);
        if (child === undefined || isTerminalTask(child.status))
          faults.push(`${task.id} waits for ${id}, which is ${child?.status}`);
        if (child?.awaitedBy?.includes(task.id) !== true)
          faults.push(`${id} does not know that ${task.id} waits`);
      }
    }
    if (task.status === 'waiting' && waitsForItself(snapshot, task))
      faults.push(`${task.id} waits for itself`);
  }
  for (const approval of approvals.values()) {
    const waits = tasks.get(approval.taskId)?.waitsOn?.includes(approval.id) === true;
    if (waits !== (approval.status === 'pending'))
      faults.push(`${approval.id} is ${approval.status}, waited for: ${waits}`);
  }
  return faults;
}

/** Can what it waits for end only after itself? */
function waitsForItself({ tasks, specs }: LedgerSnapshot, from: TaskState): boolean {
  const before = (id: string) => {
    const task = tasks.get(id);
    if (task?.status === 'blocked') return specs.get(id)?.dependencies ?? [];
    return task?.waitingFor === 'children' ? (task.waitsOn ?? []) : [];
  };
  const seen = new Set<string>();
  const queue = [...before(from.id)];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (id === from.id) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    queue.push(...before(id));
  }
  return false;
}
