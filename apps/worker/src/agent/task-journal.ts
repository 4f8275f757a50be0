import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { appendJournal, type JournalExtra, readJournal } from '@claude-flow/core/store/journal';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { AttemptAborted } from '../lease/attempt-aborted.ts';
import { guardedWrite } from '../lease/guarded-write.ts';
import type { HeldTask } from '../lease/held-task.ts';
import { addEntry, type Replay, replayJournal } from './replay.ts';

export interface TaskJournal {
  /** What the journal says, this attempt's entries included. */
  readonly replay: Replay;
  /**
   * Writes an entry down; it counts when this resolves.
   * @throws AttemptAborted
   */
  append(entry: JournalEntry, extra?: JournalExtra): Promise<void>;
}

/** The journal of a task, as far as earlier attempts brought it. */
export async function openJournal(ledger: Ledger, task: HeldTask): Promise<TaskJournal> {
  const { swarmId, taskId } = task.claim;
  const replay = replayJournal(await readJournal(ledger, swarmId, taskId));
  // One entry at a time: each has its place.
  let last: Promise<unknown> = Promise.resolve();
  let turnsBegun = 0;
  const write: TaskJournal['append'] = async (entry, extra = {}) => {
    const index = replay.length;
    // Also when the work was told to end meanwhile: an answer that was paid for is not thrown away.
    const word = await guardedWrite(task.ownership, () =>
      appendJournal(ledger, task.claim, index, entry, extra),
    );
    addEntry(replay, entry);
    if (entry.kind === 'turn.requested') {
      turnsBegun += 1;
      if (turnsBegun === 2) task.onTurnDone?.();
    }
    if (word === 'go') return;
    task.lose('budget');
    throw new AttemptAborted('budget');
  };
  return {
    replay,
    append(entry, extra) {
      const written = last.then(() => write(entry, extra));
      last = written.catch(() => undefined);
      return written;
    },
  };
}
