import { z } from 'zod';
import { LIST_LIMIT } from '../tunables.ts';
import { parsePath, ToolFailure } from '../workspace/paths.ts';
import { defineTool } from './tool.ts';

export const listFiles = defineTool({
  name: 'list_files',
  description: `Lists the files of the workspace with their sizes, folders within folders included. At most ${LIST_LIMIT} are shown; name a folder to see more of it.`,
  class: 'read',
  repeatable: true,
  schema: z.strictObject({
    path: z.string().optional().describe('A folder, e.g. src; the whole workspace when left out'),
  }),
  run: async ({ path: text = '' }, { workspace }) => {
    const path = parsePath(text);
    const all = workspace.list();
    const found =
      path === '' ? all : all.filter((file) => file.path === path || file.path.startsWith(`${path}/`));
    if (found.length === 0) {
      if (path === '') return 'The workspace is empty.';
      throw new ToolFailure(`There is nothing at ${path}. Call list_files without a path to see everything.`);
    }
    const lines = found.slice(0, LIST_LIMIT).map((file) => `${file.path} (${file.size} bytes)`);
    if (found.length > LIST_LIMIT) lines.push(`... and ${found.length - LIST_LIMIT} more files`);
    return lines.join('\n');
  },
});
