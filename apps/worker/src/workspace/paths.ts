import { CONFLICTS_FOLDER } from '@claude-flow/core/domain/lay-out-files';

/** An answer that the model can act on; its text is shown to the model as the tool's error. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/** Outputs of dependencies that are too long for the first message lie here. Not for writing. */
export const DEPENDENCIES_FOLDER = '.dependencies';
/** Versions of files that two dependencies changed differently lie in the first, one folder a task. Not for writing. */
const RESERVED: readonly string[] = [CONFLICTS_FOLDER, DEPENDENCIES_FOLDER];

const MAX_PATH = 500;
const MAX_SEGMENT = 200;

/**
 * A path of the workspace in its one spelling: relative, `/` between segments, no `.`, no `..`. Links are dealt with where
 * files are opened (`confined.ts`).
 * @returns '' for the workspace itself
 * @throws ToolFailure
 */
export function parsePath(text: string): string {
  if (text.length > MAX_PATH) throw new ToolFailure(`The path is longer than ${MAX_PATH} characters.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f\\]/.test(text)) {
    throw new ToolFailure('A path may hold no control characters and no backslash.');
  }
  if (text.startsWith('/') || text.startsWith('~')) {
    throw new ToolFailure(`${text}: paths are relative to the workspace, e.g. src/main.ts.`);
  }
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new ToolFailure(`${text}: ".." is not allowed in a path.`);
  const long = segments.find((segment) => Buffer.byteLength(segment) > MAX_SEGMENT);
  if (long !== undefined) throw new ToolFailure(`A part of the path is longer than ${MAX_SEGMENT} bytes.`);
  return segments.join('/');
}

/** The same for a file. @throws ToolFailure also for the workspace itself */
export function parseFilePath(text: string): string {
  const path = parsePath(text);
  if (path === '' || text.endsWith('/')) throw new ToolFailure(`"${text}" does not name a file.`);
  return path;
}

/** The folder at the top that a path lies in is ours, not the agent's. */
export function isReserved(path: string): boolean {
  return RESERVED.includes(path.split('/')[0] ?? '');
}

/** A file for the agent to write. @throws ToolFailure */
export function parseWritablePath(text: string): string {
  const path = parseFilePath(text);
  if (isReserved(path)) {
    throw new ToolFailure(`${path}: ${RESERVED.join(' and ')} are for reading only. Write to another path.`);
  }
  return path;
}
