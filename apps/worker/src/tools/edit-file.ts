import { z } from 'zod';
import { parsePath, parseWritablePath, ToolFailure } from '../workspace/paths.ts';
import { fileChange } from './file-change.ts';
import { readText } from './read-text.ts';
import { defineTool } from './tool.ts';

export const editFile = defineTool({
  name: 'edit_file',
  description:
    'Replaces one piece of text in a file of the workspace. old_text must occur exactly once, to the letter, spaces and line breaks included.',
  class: 'write',
  repeatable: true,
  schema: z.strictObject({
    path: z.string().describe('The file, relative to the workspace'),
    old_text: z.string().min(1).describe('The text to replace, with enough around it to be the only one'),
    new_text: z.string().describe('What stands there afterwards'),
  }),
  touches: ({ path }) => parsePath(path),
  // Where the text is not to be found just once the call will fail; what it is about is shown all the same.
  preview: ({ path, old_text: oldText, new_text: newText }, { workspace }) =>
    fileChange(workspace, parseWritablePath(path), (before) => {
      const [start = '', ...rest] = before.split(oldText);
      return rest.length === 1 ? `${start}${newText}${rest[0]}` : newText;
    }),
  run: async ({ path: text, old_text: oldText, new_text: newText }, { workspace }) => {
    const path = parseWritablePath(text);
    const content = await readText(workspace, path);
    const at = content.indexOf(oldText);
    if (at < 0) {
      throw new ToolFailure(`old_text does not occur in ${path}. Read the file and copy the text exactly.`);
    }
    if (content.indexOf(oldText, at + 1) >= 0) {
      throw new ToolFailure(
        `old_text occurs more than once in ${path}. Take in more of the lines around it.`,
      );
    }
    const changed = content.slice(0, at) + newText + content.slice(at + oldText.length);
    await workspace.write(path, Buffer.from(changed, 'utf8'));
    const line = content.slice(0, at).split('\n').length;
    return `Changed ${path} at line ${line}.`;
  },
});
