import type { JournalEntry } from '../contracts/journal.ts';
import type { Usage } from '../domain/task.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './tasks.ts';

/** A task's journal so far, oldest first. */
export async function readJournal(ledger: Ledger, swarmId: string, taskId: string): Promise<JournalEntry[]> {
  const entries = await ledger.redis.lrange(ledger.keys.swarm(swarmId, 'journal', taskId), 0, -1);
  return entries.map((json) => JSON.parse(json) as JournalEntry);
}

/**
 * Adds the entry at `index` (the journal's length so far). Sending the same entry again is fine.
 * @param extra.usage added to the task and the swarm; counts as one turn
 * @param extra.progress what the event `task.progress` tells
 * @throws ClaudeFlowError `fenced` when the task is no longer this claim's
 */
export async function appendJournal(
  ledger: Ledger,
  claim: TaskClaim,
  index: number,
  entry: JournalEntry,
  extra: { usage?: Usage; progress?: Record<string, unknown> } = {},
): Promise<void> {
  await transition(ledger, 'append-journal', claim, {
    taskId: claim.taskId,
    token: claim.token,
    index,
    entry: JSON.stringify(entry),
    usage: extra.usage === undefined ? '' : JSON.stringify(extra.usage),
    progress: extra.progress === undefined ? '' : JSON.stringify(extra.progress),
  });
}
