import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolFailure } from './paths.ts';

/**
 * All plain files under a folder, in the order of their names. Links are neither followed nor shown.
 * @param start a path from `paths.ts`; may name a file
 * @throws ToolFailure when there is nothing at `start`
 */
export async function* walkFiles(root: string, start: string): AsyncGenerator<string> {
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(join(root, start));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTDIR') {
      yield start;
      return;
    }
    if (code === 'ENOENT')
      throw new ToolFailure(`There is nothing at ${start}. list_files shows what is there.`);
    throw error;
  }
  for (const entry of entries) {
    const path = start === '' ? entry.name : `${start}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFiles(root, path);
    else if (entry.isFile()) yield path;
  }
}

async function listFolder(folder: string) {
  if ((await realpath(folder)) !== folder) throw new ToolFailure('A symbolic link is not followed.');
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
