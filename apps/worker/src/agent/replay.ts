import type Anthropic from '@anthropic-ai/sdk';
import type { JournalEntry } from '@claude-flow/core/contracts/journal';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';

export type Pinned = Extract<JournalEntry, { kind: 'pinned' }>;

export interface ToolAnswer {
  content: string;
  isError: boolean;
}

/** One model turn that is paid for, and what became of its tool calls. */
export interface Turn {
  number: number;
  content: Anthropic.ContentBlock[];
  stopReason: string | null;
  usage: Record<string, unknown>;
  /** Ids of calls that began and may not be repeated. */
  started: Set<string>;
  answers: Map<string, ToolAnswer>;
  /** What the model is told because of it. */
  notice?: string;
  /** All files this task has changed, as they were after this turn's tools. */
  files?: ArtifactEntry[];
}

export interface Replay {
  pinned?: Pinned;
  turns: Turn[];
  /** Usage of calls that failed, as far as it is known. */
  failedUsage: Record<string, unknown>[];
  /** The last checkpoint of the files. */
  files: ArtifactEntry[];
  /** Entries read: the place of the next one. */
  length: number;
}

/** What a journal says. Pure; `addEntry` keeps it up to date as the attempt goes on. */
export function replayJournal(entries: readonly JournalEntry[]): Replay {
  const replay: Replay = { turns: [], failedUsage: [], files: [], length: 0 };
  for (const entry of entries) addEntry(replay, entry);
  return replay;
}

export function addEntry(replay: Replay, entry: JournalEntry): void {
  replay.length += 1;
  switch (entry.kind) {
    case 'pinned':
      replay.pinned = entry;
      break;
    case 'turn.requested':
      break;
    case 'turn.completed':
      replay.turns.push({
        number: entry.turn,
        content: entry.content as Anthropic.ContentBlock[],
        stopReason: entry.stopReason,
        usage: entry.usage,
        started: new Set(),
        answers: new Map(),
      });
      break;
    case 'turn.failed':
      if (entry.usage !== null) replay.failedUsage.push(entry.usage);
      break;
    case 'turn.notice': {
      const turn = turnOf(replay, entry.turn);
      if (turn !== undefined) turn.notice = entry.text;
      break;
    }
    case 'tool.started':
      turnOf(replay, entry.turn)?.started.add(entry.id);
      break;
    case 'tool.finished':
      turnOf(replay, entry.turn)?.answers.set(entry.id, { content: entry.content, isError: entry.isError });
      break;
    case 'workspace': {
      replay.files = entry.files;
      const turn = turnOf(replay, entry.turn);
      if (turn !== undefined) turn.files = entry.files;
      break;
    }
    default:
      ignore(entry);
  }
}

/** A newer version's entries mean nothing here; they keep their place. */
function ignore(_entry: never): void {}

function turnOf(replay: Replay, number: number): Turn | undefined {
  const last = replay.turns.at(-1);
  return last?.number === number ? last : replay.turns.find((turn) => turn.number === number);
}

export function toolCalls(turn: Pick<Turn, 'content'>): Anthropic.ToolUseBlock[] {
  return turn.content.filter((block) => block.type === 'tool_use');
}

export function textOf(turn: Turn): string {
  return turn.content
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')
    .trim();
}
