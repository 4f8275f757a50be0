import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { SEARCH_MATCHES, SEARCH_TIME_MS } from '../tunables.ts';
import { parsePath, ToolFailure } from '../workspace/paths.ts';
import type { SearchAnswer, SearchOrder } from './search-thread.ts';
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
  run: async ({ pattern, path = '' }, { workspace, signal }) => {
    try {
      new RegExp(pattern);
    } catch (error) {
      throw new ToolFailure(`pattern is not a regular expression: ${(error as Error).message}`);
    }
    return search({ root: workspace.root, start: parsePath(path), pattern }, signal);
  },
});

/**
 * A pattern can take for ever on a line, and nothing stops it in its own thread: it runs in another, which is ended when
 * its time is up.
 */
async function search(order: SearchOrder, signal: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(SEARCH_TIME_MS);
  const thread = new Worker(new URL('./search-thread.ts', import.meta.url), {
    workerData: order,
    // Neither our secrets nor our start options belong there.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  try {
    const [answer] = (await once(thread, 'message', { signal: AbortSignal.any([signal, deadline]) })) as [
      SearchAnswer,
    ];
    if (answer.failure !== undefined) throw new ToolFailure(answer.failure);
    return answer.text;
  } catch (error) {
    signal.throwIfAborted();
    const outOfMemory =
      error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (!deadline.aborted && !outOfMemory) throw error;
    throw new ToolFailure(
      `The search took ${outOfMemory ? 'too much memory' : `longer than ${SECONDS} seconds`}. Name a folder, or use a simpler pattern without nested repetition.`,
    );
  } finally {
    await thread.terminate();
  }
}
