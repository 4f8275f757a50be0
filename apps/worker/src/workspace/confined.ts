import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolFailure } from './paths.ts';

/**
 * Opens files so that no link leads out of the workspace. The check is made on what was opened, not before: nothing that
 * changes a folder in between can slip something else in. `root` must be a real path, `path` one from `paths.ts`.
 */
export async function openForReading(root: string, path: string): Promise<FileHandle> {
  return openConfined(root, path, constants.O_RDONLY);
}

/** For writing; the file is created when it is not there, its folders too. Existing content is still in it. */
export async function openForWriting(root: string, path: string, mode: number): Promise<FileHandle> {
  await makeFolders(root, dirname(path));
  return openConfined(root, path, constants.O_WRONLY | constants.O_CREAT, mode);
}

async function openConfined(root: string, path: string, flags: number, mode?: number): Promise<FileHandle> {
  const full = join(root, path);
  await checkFolder(root, path);
  let handle: FileHandle;
  try {
    // O_NONBLOCK: a named pipe must not hold us up.
    handle = await open(full, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode);
  } catch (error) {
    throw openFailure(error, path);
  }
  try {
    await checkOpened(handle, root, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The opened file is the one at `path`, is a plain file, and has no second name. */
async function checkOpened(handle: FileHandle, root: string, path: string): Promise<void> {
  const opened = await handle.stat();
  if (!opened.isFile()) throw new ToolFailure(`${path} is not a file.`);
  if (opened.nlink !== 1) throw new ToolFailure(`${path} is a hard link; such files are off limits.`);
  await checkFolder(root, path);
  const there = await lstat(join(root, path));
  if (there.ino !== opened.ino || there.dev !== opened.dev) {
    throw new ToolFailure(`${path} changed while it was being opened.`);
  }
}

/** No folder on the way is a symbolic link. */
async function checkFolder(root: string, path: string): Promise<void> {
  const folder = join(root, dirname(path));
  let real: string;
  try {
    real = await realpath(folder);
  } catch (error) {
    throw openFailure(error, path);
  }
  if (real !== folder)
    throw new ToolFailure(`${path} lies behind a symbolic link; such files are off limits.`);
}

async function makeFolders(root: string, folder: string): Promise<void> {
  if (folder === '.') return;
  let path = '';
  for (const segment of folder.split('/')) {
    path = path === '' ? segment : `${path}/${segment}`;
    const full = join(root, path);
    try {
      await mkdir(full, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw openFailure(error, path);
      const there = await lstat(full);
      if (!there.isDirectory()) throw new ToolFailure(`${path} is not a folder.`);
    }
  }
}

function openFailure(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENOENT':
      return new ToolFailure(`There is no file ${path}. list_files shows what is there.`);
    case 'ENOTDIR':
      return new ToolFailure(`A part of ${path} is a file, not a folder.`);
    case 'EISDIR':
      return new ToolFailure(`${path} is a folder, not a file.`);
    case 'ELOOP':
      return new ToolFailure(`${path} is a symbolic link; such files are off limits.`);
    case 'ENXIO':
      return new ToolFailure(`${path} is not a file.`);
    case 'ENAMETOOLONG':
      return new ToolFailure(`${path} is too long a path.`);
    default:
      return error;
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
