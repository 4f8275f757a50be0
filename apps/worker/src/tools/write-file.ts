import { z } from 'zod';
import { parsePath, parseWritablePath } from '../workspace/paths.ts';
import { fileChange } from './file-change.ts';
import { defineTool } from './tool.ts';

export const writeFile = defineTool({
  name: 'write_file',
  description:
    'Writes a text file of the workspace, whole; folders are made as needed. What was in it before is replaced.',
  class: 'write',
  repeatable: true,
  schema: z.strictObject({
    path: z.string().describe('The file, relative to the workspace, e.g. src/main.ts'),
    content: z.string().describe('The whole content'),
  }),
  touches: ({ path }) => parsePath(path),
  preview: ({ path, content }, { workspace }) =>
    fileChange(workspace, parseWritablePath(path), () => content),
  run: async ({ path: text, content }, { workspace }) => {
    const path = parseWritablePath(text);
    const bytes = Buffer.from(content, 'utf8');
    const { created } = await workspace.write(path, bytes);
    return `${created ? 'Created' : 'Replaced'} ${path} (${bytes.length} bytes).`;
  },
});
