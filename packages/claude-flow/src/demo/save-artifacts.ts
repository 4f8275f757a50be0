import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { conflictSentence, type FileTree, layOutFiles } from '@claude-flow/core/domain/lay-out-files';
import type { ClaudeFlowClient } from '../client/client.ts';
import type { ArtifactInfo } from '../client/types-results.ts';
import type { TaskInfo } from '../client/types-tasks.ts';

export interface SavedArtifacts {
  /** Absolute. */
  folder: string;
  /** Relative to it, sorted. */
  files: string[];
  /** Paths that cannot be written here safely. */
  refused: string[];
  /** Of which paths tasks left different versions, each a sentence. */
  conflicts: string[];
}

/** A relative path of plain names: what a server says is not trusted to stay inside the folder. */
export function isSafePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is its purpose
  if (path === '' || path.length > 1_000 || /[\u0000-\u001f\u007f\\:]/.test(path)) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && name.length <= 255);
}

/** The same tree as that of the archive. @param tasks in which order whatever; those without files count as links between others */
function treeOf(artifacts: readonly ArtifactInfo[], tasks: readonly TaskInfo[]): FileTree<ArtifactInfo> {
  const byTask = Map.groupBy(artifacts, ({ taskId }) => taskId);
  const dependencies = new Map(tasks.map((task) => [task.id.id, task.dependencies]));
  const ids = new Set([...dependencies.keys(), ...byTask.keys()]);
  return layOutFiles(
    [...ids].map((id) => ({
      id,
      dependencies: dependencies.get(id) ?? [],
      artifacts: byTask.get(id) ?? [],
    })),
  );
}

/** There is something else in its place, or the file system takes no such name. */
const UNWRITABLE = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL']);

/** Writes a new file below the root, never through a link out of it. @returns whether it could be written there */
async function writeInside(root: string, target: string, content: Uint8Array): Promise<boolean> {
  const path = join(root, target);
  try {
    await mkdir(dirname(path), { recursive: true });
    const folder = await realpath(dirname(path));
    if (folder !== root && !folder.startsWith(root + sep)) return false;
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (UNWRITABLE.has(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

/** Downloads all files of a swarm to `artifacts/<swarmId>` below `cwd`. */
export async function saveArtifacts(
  deps: { client: ClaudeFlowClient; signal: AbortSignal },
  swarmId: string,
  tasks: readonly TaskInfo[],
  cwd: string,
): Promise<SavedArtifacts> {
  if (!isSafePath(swarmId))
    throw new Error(`The server gave a swarm id that is no name: ${JSON.stringify(swarmId)}.`);
  const { artifacts } = await deps.client.listArtifacts(swarmId, { signal: deps.signal });
  const folder = resolve(cwd, 'artifacts', swarmId);
  const saved: SavedArtifacts = { folder, files: [], refused: [], conflicts: [] };
  if (artifacts.length === 0) return saved;
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  const tree = treeOf(artifacts, tasks);
  const save = async (target: string, content: () => Promise<Uint8Array>, path = target) => {
    const written = isSafePath(target) && (await writeInside(root, target, await content()));
    (written ? saved.files : saved.refused).push(written ? target : path);
  };
  const { signal } = deps;
  for (const { target, taskId, entry } of tree.files) {
    await save(
      target,
      () => deps.client.downloadArtifact(swarmId, taskId, entry.path, { signal }),
      entry.path,
    );
  }
  const { note } = tree;
  if (note !== undefined) await save(note.target, async () => Buffer.from(note.text));
  saved.conflicts = tree.conflicts.map(conflictSentence);
  saved.files.sort();
  return saved;
}

/** `./artifacts/...` as seen from `cwd`. */
export function shownFolder(folder: string, cwd: string): string {
  const path = relative(cwd, folder);
  return path.startsWith('..') ? folder : `.${sep}${path}`;
}
