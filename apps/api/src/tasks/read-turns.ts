import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import { readJournalFrom } from '@claude-flow/core/store/journal';
import type { Ledger } from '@claude-flow/core/store/ledger';

/** Entries read at once: a journal may hold 16 MiB, and a page shows little of it. */
const ENTRIES = 50;

/** The entries of one turn, in order. */
export type TurnEntries = Exclude<JournalEntry, { kind: 'pinned' }>[];

export interface TurnPage {
  /** That the task's requests are made to; undefined before the first. */
  model: string | undefined;
  turns: TurnEntries[];
  /** Where the next page begins; undefined when there is nothing after this one. */
  next: number | undefined;
  /** What it took to make the page. */
  read: { records: number; bytes: number };
}

/**
 * Some turns of a task, oldest first. All entries of a turn stand together in the journal.
 * @param from where in the journal to begin: 0, or the `next` of another page
 */
export async function readTurns(
  ledger: Ledger,
  task: { swarmId: string; taskId: string },
  page: { from: number; limit: number },
): Promise<TurnPage> {
  const [first] = await readJournalFrom(ledger, task.swarmId, task.taskId, 0, 1);
  const model = first?.kind === 'pinned' ? first.model : undefined;
  const turns: TurnEntries[] = [];
  const read = { records: 0, bytes: 0 };
  let present: number | undefined;
  for (let at = page.from; ; at += ENTRIES) {
    const entries = await readJournalFrom(ledger, task.swarmId, task.taskId, at, ENTRIES);
    read.records += entries.length;
    for (const entry of entries) read.bytes += JSON.stringify(entry).length;
    for (const [offset, entry] of entries.entries()) {
      if (entry.kind === 'pinned') continue;
      if (entry.turn !== present) {
        if (turns.length === page.limit) return { model, turns, next: at + offset, read };
        turns.push([]);
        present = entry.turn;
      }
      turns.at(-1)?.push(entry);
    }
    if (entries.length < ENTRIES) return { model, turns, next: undefined, read };
  }
}
