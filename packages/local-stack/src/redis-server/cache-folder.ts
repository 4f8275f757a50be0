import { lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const NAME = 'claude-flow-remote';

const uid = () => process.getuid?.() ?? 0;

/** The home folder; undefined for a user without one (a container run under an arbitrary user id). */
function homeOf(env: NodeJS.ProcessEnv): string | undefined {
  if (env['HOME']) return env['HOME'];
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** The places for a cache, best first: XDG_CACHE_HOME, the home folder, the folder for temporary files. */
export function cacheCandidates(env: NodeJS.ProcessEnv): string[] {
  const xdg = env['XDG_CACHE_HOME'];
  const home = homeOf(env);
  const candidates: string[] = [];
  // The specification says to ignore relative paths.
  if (xdg && isAbsolute(xdg)) candidates.push(join(xdg, NAME));
  if (home !== undefined && isAbsolute(home)) candidates.push(join(home, '.cache', NAME));
  candidates.push(join(env['TMPDIR'] || tmpdir(), `${NAME}-${uid()}`));
  return candidates;
}

/** Programs are run from it, so it must be a real folder of this user's that nobody else can write to. */
async function isOurs(folder: string): Promise<boolean> {
  const info = await lstat(folder);
  return info.isDirectory() && info.uid === uid() && (info.mode & 0o022) === 0;
}

/** Makes and returns `<cache>/<name>` in the first place where this user can write. */
export async function cacheFolder(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const tried: string[] = [];
  for (const candidate of cacheCandidates(env)) {
    try {
      const folder = join(candidate, name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await isOurs(candidate)) && (await isOurs(folder))) return folder;
      tried.push(`${candidate} belongs to another user or is open to others`);
    } catch (error) {
      tried.push(`${candidate}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `No folder for downloads can be used: ${tried.join('; ')}. Set XDG_CACHE_HOME to one that can.`,
  );
}
