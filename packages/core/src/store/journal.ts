import type { JournalEntry } from '../contracts/journal.ts';
import type { Usage } from '../domain/task.ts';
import { TASK_JOURNAL_LIMIT_BYTES } from '../runtime/tunables.ts';
import { inlineOrStored, readValue } from './large-values.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

/** What an entry brings along. */
export interface JournalExtra {
  usage?: Usage;
  turns?: 0 | 1;
  progress?: Record<string, unknown>;
  /** What the model is asked again for, in a sentence: why the task does not get on. The next entry takes it away. */
  trouble?: string;
}

/** A task's journal so far, oldest first. */
export async function readJournal(ledger: Ledger, swarmId: string, taskId: string): Promise<JournalEntry[]> {
  const entries = await ledger.redis.lrange(ledger.keys.swarm(swarmId, 'journal', taskId), 0, -1);
  return Promise.all(entries.map((json) => readValue<JournalEntry>(ledger, swarmId, json)));
}

/** Some entries of it, oldest first. @param from the number of the first, from 0 */
export async function readJournalFrom(
  ledger: Ledger,
  swarmId: string,
  taskId: string,
  from: number,
  count: number,
): Promise<JournalEntry[]> {
  const key = ledger.keys.swarm(swarmId, 'journal', taskId);
  const entries = await ledger.redis.lrange(key, from, from + count - 1);
  return Promise.all(entries.map((json) => readValue<JournalEntry>(ledger, swarmId, json)));
}

/**
 * Adds the entry at `index` (the journal's length so far). Sending the same entry again is fine.
 * @param extra.usage added to the task and the swarm; counts as one turn, unless `turns` says 0 (a call that failed)
 * @returns `budget` when that used up the swarm's budget: the swarm has ended, and with it this attempt
 * @param extra.progress what the event `task.progress` tells
 * @throws ClaudeFlowError `fenced` when the task is no longer this claim's; `artifact_too_large` when the journal, or the
 *   swarm's file contents, where large entries go, would become too large
 */
export async function appendJournal(
  ledger: Ledger,
  claim: TaskClaim,
  index: number,
  entry: JournalEntry,
  extra: JournalExtra = {},
): Promise<'go' | 'budget'> {
  const written = await inlineOrStored(ledger, claim, JSON.stringify(entry), true);
  const [, , word] = await transition(ledger, 'append-journal', claim, {
    taskId: claim.taskId,
    token: claim.token,
    index,
    entry: written.json,
    usage: extra.usage === undefined ? '' : JSON.stringify({ ...extra.usage, turns: extra.turns ?? 1 }),
    progress: extra.progress === undefined ? '' : JSON.stringify(extra.progress),
    limitBytes: TASK_JOURNAL_LIMIT_BYTES,
    trouble: extra.trouble ?? '',
  });
  return word === 'budget' ? 'budget' : 'go';
}
