import { ToolFailure } from './paths.ts';
import type { Workspace } from './workspace.ts';

/** The same workspace, in which no more than so many bytes can be written. */
export function limitWriting(workspace: Workspace, maxBytes: number): Workspace {
  let written = 0;
  return {
    ...workspace,
    async write(path, content) {
      if (written + content.length > maxBytes) {
        const message = `Not written: the calls of one turn may write ${maxBytes} bytes in all, and ${path} would be more. Go on in the next turn.`;
        throw new ToolFailure(message);
      }
      written += content.length;
      return workspace.write(path, content);
    },
  };
}
