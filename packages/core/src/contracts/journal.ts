import type { ArtifactEntry } from '../domain/task.ts';

/**
 * What an agent has done so far in a task, append-only; a later attempt continues from it. `content` and `system` are
 * kept verbatim: newer models bind their thinking blocks to every byte before them.
 */
export type JournalEntry =
  | {
      kind: 'pinned';
      system: unknown;
      tools: unknown;
      model: string;
      params: Record<string, unknown>;
      firstMessage: unknown;
    }
  | { kind: 'turn.requested'; turn: number; attempt: number }
  | {
      kind: 'turn.completed';
      turn: number;
      content: unknown;
      stopReason: string | null;
      usage: Record<string, unknown>;
      requestId: string | null;
    }
  /** A call of the model that failed, with what it cost as far as the server told: the turn is asked for again, or not. */
  | {
      kind: 'turn.failed';
      turn: number;
      attempt: number;
      reason: string;
      usage: Record<string, unknown> | null;
      requestId: string | null;
    }
  /** What the model is told because of its turn, beside the answers of its tools. Kept, so that every attempt says the same. */
  | { kind: 'turn.notice'; turn: number; text: string }
  | { kind: 'tool.started'; turn: number; id: string; name: string; inputHash: string }
  | { kind: 'tool.finished'; turn: number; id: string; content: string; isError: boolean }
  /** The files of the workspace after a turn's tools, so that another machine can rebuild it. */
  | { kind: 'workspace'; turn: number; files: ArtifactEntry[] };
