import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
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
}

interface FileToSave {
  artifact: ArtifactInfo;
  /** Relative to the folder. */
  target: string;
}

/** A relative path of plain names: what a server says is not trusted to stay inside the folder. */
export function isSafePath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is its purpose
  if (path === '' || path.length > 1_000 || /[\u0000-\u001f\u007f\\:]/.test(path)) return false;
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..' && name.length <= 255);
}

function ancestors(tasks: readonly TaskInfo[]): (taskId: string) => ReadonlySet<string> {
  const dependencies = new Map(tasks.map((task) => [task.id.id, task.dependencies]));
  return (taskId) => {
    const found = new Set<string>();
    const open = [...(dependencies.get(taskId) ?? [])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...(dependencies.get(id) ?? []));
    }
    return found;
  };
}

/**
 * Which version of each file to write where. The newest counts: that of a task which built on the others. When several
 * tasks that knew nothing of each other wrote the same path, each version keeps a folder of its own, named after its task.
 */
export function filesToSave(artifacts: readonly ArtifactInfo[], tasks: readonly TaskInfo[]): FileToSave[] {
  const above = ancestors(tasks);
  const byPath = Map.groupBy(artifacts, (artifact) => artifact.path);
  return [...byPath.values()].flatMap((versions) => {
    const newest = versions.filter(
      (version) => !versions.some((other) => other !== version && above(other.taskId).has(version.taskId)),
    );
    const distinct = [...new Map(newest.map((version) => [version.digest, version])).values()];
    const only = distinct.length === 1;
    return distinct.map((artifact) => ({
      artifact,
      target: only ? artifact.path : `${artifact.taskId}/${artifact.path}`,
    }));
  });
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
  const saved: SavedArtifacts = { folder, files: [], refused: [] };
  if (artifacts.length === 0) return saved;
  await mkdir(folder, { recursive: true });
  const root = await realpath(folder);
  for (const { artifact, target } of filesToSave(artifacts, tasks)) {
    if (!isSafePath(target)) {
      saved.refused.push(artifact.path);
      continue;
    }
    const { signal } = deps;
    const content = await deps.client.downloadArtifact(swarmId, artifact.taskId, artifact.path, { signal });
    const written = await writeInside(root, target, content);
    (written ? saved.files : saved.refused).push(written ? target : artifact.path);
  }
  saved.files.sort();
  return saved;
}

/** `./artifacts/...` as seen from `cwd`. */
export function shownFolder(folder: string, cwd: string): string {
  const path = relative(cwd, folder);
  return path.startsWith('..') ? folder : `.${sep}${path}`;
}
