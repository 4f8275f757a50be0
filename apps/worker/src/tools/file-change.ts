import type { FileChange } from '@claude-flow/core/domain/approval';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { createTwoFilesPatch } from 'diff';
import { DIFF_CHARS, DIFF_EDITS, DIFF_MS } from '../tunables.ts';
import { ToolFailure } from '../workspace/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { readText } from './read-text.ts';

/**
 * What becomes of a file. It is shown to people, so it never fails: what cannot be compared line by line is shown as it will be.
 * @param after the new content, made of the present one ('' when there is none)
 */
export async function fileChange(
  workspace: Workspace,
  path: string,
  after: (before: string) => string,
): Promise<FileChange> {
  const before = await textOf(workspace, path);
  const text = after(before.text ?? '');
  const patch = before.text === undefined && !before.created ? undefined : unifiedDiff(path, before, text);
  const shown = patch ?? `${before.text === undefined ? WHOLE_BINARY : WHOLE}\n${text}`;
  return {
    path,
    bytes: Buffer.byteLength(text),
    created: before.created,
    diff: cutText(shown, DIFF_CHARS),
    diffCut: shown.length > DIFF_CHARS,
  };
}

const WHOLE = '(Too much is changed for a comparison. The new content:)';
const WHOLE_BINARY = '(A file that is no text is replaced. The new content:)';

interface Before {
  /** Undefined for what is no text, or not there. */
  text: string | undefined;
  created: boolean;
}

async function textOf(workspace: Workspace, path: string): Promise<Before> {
  try {
    await workspace.read(path);
  } catch (error) {
    if (error instanceof ToolFailure) return { text: undefined, created: true };
    throw error;
  }
  try {
    return { text: await readText(workspace, path), created: false };
  } catch (error) {
    if (error instanceof ToolFailure) return { text: undefined, created: false };
    throw error;
  }
}

function unifiedDiff(path: string, { text = '', created }: Before, after: string): string | undefined {
  const from = created ? '/dev/null' : path;
  const patch = createTwoFilesPatch(from, path, text, after, undefined, undefined, {
    context: 3,
    maxEditLength: DIFF_EDITS,
    timeout: DIFF_MS,
  });
  // A line for tools that take several patches from one file.
  return patch?.replace(/^=+\n/, '');
}
