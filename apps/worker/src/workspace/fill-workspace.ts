import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { CONFLICTS_FOLDER } from '@claude-flow/core/domain/lay-out-files';
import type { MergedFiles } from '@claude-flow/core/domain/merge-files';
import type { ArtifactEntry } from '@claude-flow/core/domain/task';
import { readArtifact } from '@claude-flow/core/store/artifacts';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { untilAborted } from '../lease/guarded-write.ts';
import { FILE_CONCURRENCY } from '../tunables.ts';
import { DEPENDENCIES_FOLDER, parseFilePath, ToolFailure } from './paths.ts';
import type { Workspace } from './workspace.ts';

export interface Filling {
  merged: MergedFiles<ArtifactEntry>;
  /** What this task wrote in earlier attempts. */
  restored: readonly ArtifactEntry[];
  /** Outputs of dependencies that are too long for the first message, by task id. */
  longOutputs: ReadonlyMap<string, string>;
}

export interface FillDeps {
  ledger: Ledger;
  swarmId: string;
  workspace: Workspace;
  /** Ends the filling; its reason is thrown once nothing is being written any more. */
  signal: AbortSignal;
}

/** Where the version of a file that one task made lies while it is in conflict. */
export function conflictPath(taskId: string, path: string): string {
  return `${CONFLICTS_FOLDER}/${taskId}/${path}`;
}

export function longOutputPath(taskId: string): string {
  return `${DEPENDENCIES_FOLDER}/${taskId}.md`;
}

/**
 * Puts everything into a new workspace that a task finds there.
 * @throws ClaudeFlowError `artifact_not_found` when the ledger no longer holds a file's content
 */
export async function fillWorkspace(
  deps: FillDeps,
  { merged, restored, longOutputs }: Filling,
): Promise<void> {
  const { workspace } = deps;
  const contentOf = (entry: ArtifactEntry) => load(deps, entry);
  await eachOf(merged.files, async ({ entry }) => {
    const options = { mode: entry.mode & 0o777, base: true };
    await workspace.place(parseFilePath(entry.path), await contentOf(entry), options);
  });
  const versions = merged.conflicts.flatMap(({ versions }) => versions);
  await eachOf(versions, async ({ taskId, entry }) => {
    await workspace.place(parseFilePath(conflictPath(taskId, entry.path)), await contentOf(entry));
  });
  for (const [taskId, text] of longOutputs) await workspace.place(longOutputPath(taskId), Buffer.from(text));
  await eachOf(restored, async (entry) => {
    parseFilePath(entry.path);
    await workspace.restore(entry, await contentOf(entry));
  });
}

async function load({ ledger, swarmId, signal }: FillDeps, entry: ArtifactEntry): Promise<Buffer> {
  signal.throwIfAborted();
  const content = await untilAborted(signal, readArtifact(ledger, swarmId, entry.digest));
  if (content === undefined) {
    throw new ClaudeFlowError(
      'artifact_not_found',
      `The content of ${entry.path} is gone from the ledger. Run the swarm again.`,
    );
  }
  return content;
}

/** Runs `work` for each item, a few at a time. When one fails the rest is left, and what runs is waited for. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  let failed = false;
  const lane = async () => {
    for (const item of rest) {
      if (failed) return;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: FILE_CONCURRENCY }, lane));
  const broken = lanes.find((ended) => ended.status === 'rejected');
  if (broken === undefined) return;
  const error: unknown = broken.reason;
  if (!(error instanceof ToolFailure)) throw error;
  throw new ClaudeFlowError('internal', `The workspace could not be filled: ${error.message}`, {
    cause: error,
  });
}
