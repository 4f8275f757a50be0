import { z } from 'zod';
import { SEARCH_MATCHES, SEARCH_TIME_MS } from '../tunables.ts';
import { parsePath, ToolFailure } from '../workspace/paths.ts';
import { defineTool } from './tool.ts';

const SECONDS = SEARCH_TIME_MS / 1000;

export const searchFiles = defineTool({
  name: 'search_files',
  description: `Finds the lines of the workspace's text files that match a JavaScript regular expression. Answers with path:line: text, at most ${SEARCH_MATCHES} matches, and gives up after ${SECONDS} seconds.`,
  class: 'read',
  repeatable: true,
  schema: z.strictObject({
    pattern: z.string().min(1).max(1_000).describe('A JavaScript regular expression, tried on each line'),
    path: z.string().optional().describe('A folder or file to search in; the whole workspace when left out'),
  }),
  run: async ({ pattern, path = '' }, { workspace, signal, search, effort }) => {
    try {
      new RegExp(pattern);
    } catch (error) {
      throw new ToolFailure(`pattern is not a regular expression: ${(error as Error).message}`);
    }
    const order = { root: workspace.root, start: parsePath(path), pattern };
    const { text, waitedMs } = await search.search(order, signal);
    // To wait for other tasks is not this one's effort.
    effort.usedMs -= waitedMs;
    return text;
  },
});
