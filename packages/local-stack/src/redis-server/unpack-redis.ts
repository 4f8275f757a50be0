import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AptSources, privateApt } from './apt.ts';

/** What redis-server needs on a Debian 12 that has nothing of it, should APT's resolver be unable to say. */
const KNOWN_PACKAGES = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'lua-bitop',
  'lua-cjson',
  'libatomic1',
];

/** Packages that hold programs and libraries which Redis loads; the rest only sets up a system service. */
const IS_NEEDED = /^(redis-|lib|lua-)/;

/** Finds the libraries beside itself, wherever the folder is, and becomes redis-server (same process id). */
const START_SCRIPT = `#!/bin/sh
here=\${0%/*}
for folder in "$here"/usr/lib/*-linux-gnu* "$here"/lib/*-linux-gnu*; do
  [ -d "$folder" ] && LD_LIBRARY_PATH=$folder\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
export LD_LIBRARY_PATH
exec "$here/usr/bin/redis-server" "$@"
`;

/** The file in an unpacked folder that runs its redis-server. */
export const START_FILE = 'redis-server';

export interface UnpackOptions {
  /** An empty folder, which becomes the unpacked Redis. */
  folder: string;
  sources: AptSources;
  env: NodeJS.ProcessEnv;
  onProgress: (text: string) => void;
}

/** Downloads the distribution's Redis packages and unpacks them into `folder`, without root and without installing. */
export async function unpackRedis({ folder, sources, env, onProgress }: UnpackOptions): Promise<void> {
  const work = join(folder, 'apt');
  const debs = join(work, 'debs');
  await mkdir(debs, { recursive: true });
  const apt = await privateApt(work, sources, env);
  await apt.update();
  const missing = await apt.missingFor('redis-server').catch(() => KNOWN_PACKAGES);
  const packages = missing.filter((name) => IS_NEEDED.test(name));
  onProgress(`Downloading ${packages.join(', ')} …`);
  const files = await apt.download(packages, debs);
  for (const file of files) await promisify(execFile)('dpkg', ['-x', file, folder], { env });
  await rm(work, { recursive: true, force: true });
  await writeFile(join(folder, START_FILE), START_SCRIPT, { mode: 0o755 });
}
