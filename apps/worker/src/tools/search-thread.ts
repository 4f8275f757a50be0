import { isUtf8 } from 'node:buffer';
import { parentPort } from 'node:worker_threads';
import { cutText } from '@claude-flow/core/domain/cut-text';
import { SEARCH_FILE_BYTES, SEARCH_LINE_CHARS, SEARCH_MATCHES } from '../tunables.ts';
import { openForReading } from '../workspace/confined.ts';
import { ToolFailure } from '../workspace/paths.ts';
import { walkFiles } from '../workspace/walk.ts';

/** The thread behind `search_files`: goes through the files by itself, so that nothing else waits for it. */
export interface SearchOrder {
  root: string;
  start: string;
  pattern: string;
}

/** The first message: from now on orders are taken, one at a time. */
export interface SearchReady {
  ready: true;
}

export interface SearchAnswer {
  text: string;
  /** What the model did wrong. */
  failure?: string;
}

async function search({ root, start, pattern }: SearchOrder): Promise<string> {
  const expression = new RegExp(pattern);
  const matches: string[] = [];
  for await (const path of walkFiles(root, start)) {
    const text = await readText(root, path);
    if (text === undefined) continue;
    for (const [index, line] of text.split('\n').entries()) {
      if (!expression.test(cutText(line, SEARCH_LINE_CHARS * 10))) continue;
      if (matches.length === SEARCH_MATCHES) {
        return `${matches.join('\n')}\n[cut here: more than ${SEARCH_MATCHES} matches; narrow the search]`;
      }
      matches.push(`${path}:${index + 1}: ${cutText(line.trim(), SEARCH_LINE_CHARS)}`);
    }
  }
  return matches.length === 0 ? 'No line matches.' : matches.join('\n');
}

/** Undefined for what is not searched: large files, binary ones, and links. */
async function readText(root: string, path: string): Promise<string | undefined> {
  const handle = await openForReading(root, path).catch((error: unknown) => {
    if (error instanceof ToolFailure) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    if ((await handle.stat()).size > SEARCH_FILE_BYTES) return undefined;
    const content = await handle.readFile();
    return isUtf8(content) && !content.includes(0) ? content.toString('utf8') : undefined;
  } finally {
    await handle.close();
  }
}

async function answer(order: SearchOrder): Promise<SearchAnswer> {
  try {
    return { text: await search(order) };
  } catch (error) {
    if (error instanceof ToolFailure) return { text: '', failure: error.message };
    throw error;
  }
}

parentPort?.on('message', (order: SearchOrder) => {
  void answer(order).then((found) => parentPort?.postMessage(found));
});
parentPort?.postMessage({ ready: true } satisfies SearchReady);
