import { isUtf8 } from 'node:buffer';
import { ToolFailure } from '../workspace/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** A zero byte this early makes a file binary. */
const BINARY_PROBE_BYTES = 8_192;

/** A file as text. @throws ToolFailure when it is none: edited as text it would be broken */
export async function readText(workspace: Workspace, path: string): Promise<string> {
  const content = await workspace.read(path);
  if (!isUtf8(content) || content.subarray(0, BINARY_PROBE_BYTES).includes(0)) {
    throw new ToolFailure(
      `${path} is a binary file of ${content.length} bytes; it cannot be handled as text.`,
    );
  }
  return content.toString('utf8');
}
