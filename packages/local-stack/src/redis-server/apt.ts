import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { APT_COMMAND_MS } from '../tunables.ts';

/** Where APT keeps the system's own package sources. */
const SYSTEM_SOURCES = '/etc/apt';
/** The files in which a distribution names its own sources; third parties add theirs under other names. */
const DISTRIBUTION_FILES = ['sources.list', 'sources.list.d/debian.sources', 'sources.list.d/ubuntu.sources'];

/** Hooks act on the system's own folders (some empty its package cache), so none may run. */
const CONFIG = `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
`;

/** Which sources to read: only the distribution's own (quick), or every one that the system has. */
export type AptSources = 'distribution' | 'all';

export interface PrivateApt {
  /** Fetches the package lists. */
  update(): Promise<void>;
  /** The packages that installing this one would add, itself included, as APT's resolver sees it. */
  missingFor(packageName: string): Promise<string[]>;
  /** Downloads the .deb files of the packages into `folder` and returns their paths. */
  download(packages: string[], folder: string): Promise<string[]>;
}

/** APT's first error in what it printed, else its first warning. */
function firstComplaint(stderr: string): string | undefined {
  const lines = stderr.split('\n');
  const line = lines.find((text) => text.startsWith('E: ')) ?? lines.find((text) => text.startsWith('W: '));
  return line?.slice(3).replace(/\s+/g, ' ').trim();
}

function whyFailed(error: unknown): string {
  const { stderr = '', killed, message } = error as { stderr?: string; killed?: boolean; message: string };
  if (killed) return `it took longer than ${APT_COMMAND_MS / 1000} s`;
  return firstComplaint(stderr) ?? message.split('\n')[0] ?? message;
}

async function copyDistributionSources(folder: string): Promise<void> {
  for (const name of DISTRIBUTION_FILES) {
    const path = join(SYSTEM_SOURCES, name);
    const text = await readFile(path, 'utf8').catch(() => '');
    if (!/^\s*(deb\s|Types:.*\bdeb\b)/m.test(text)) continue;
    const target = basename(name) === 'sources.list' ? 'distribution.list' : basename(name);
    await copyFile(path, join(folder, target));
  }
}

/**
 * APT as an ordinary user's program: it reads the system's sources, keys and proxy settings, and keeps its
 * lists, caches and downloads in `folder`. Nothing of the system is changed and no root is needed.
 */
export async function privateApt(
  folder: string,
  sources: AptSources,
  env: NodeJS.ProcessEnv,
): Promise<PrivateApt> {
  const state = join(folder, 'state');
  const cache = join(folder, 'cache');
  const parts = join(folder, 'sources');
  const config = join(folder, 'apt.conf');
  for (const path of [join(state, 'lists', 'partial'), join(cache, 'archives', 'partial'), parts]) {
    await mkdir(path, { recursive: true });
  }
  await writeFile(config, CONFIG);

  const settings: string[] = [
    `Dir::State=${state}`,
    // The system's record of what is installed: only read.
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${cache}`,
    `Dir::Cache::pkgcache=${join(cache, 'pkgcache.bin')}`,
    `Dir::Log=${folder}`,
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
    // For desktop and shell helpers; nothing here reads them.
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'Acquire::IndexTargets::deb::CNF::DefaultEnabled=false',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false',
  ];
  // Root's APT would change to the user _apt, who may not enter this user's folders.
  if (process.getuid?.() === 0) settings.push('APT::Sandbox::User=root');
  if (sources === 'distribution') {
    await copyDistributionSources(parts);
    if ((await readdir(parts)).length === 0)
      throw new Error("the distribution's own package sources were not found");
    settings.push('Dir::Etc::sourcelist=/dev/null', `Dir::Etc::sourceparts=${parts}`);
  }
  const common = ['-c', config, ...settings.flatMap((setting) => ['-o', setting])];

  const apt = async (doing: string, args: string[], cwd = folder) => {
    try {
      return await promisify(execFile)('apt-get', [...common, ...args], {
        cwd,
        env: { ...env, LC_ALL: 'C' },
        timeout: APT_COMMAND_MS,
        maxBuffer: 16 * 1024 * 1024,
      });
    } catch (cause) {
      throw new Error(`${doing} failed: ${whyFailed(cause)}`, { cause });
    }
  };

  let listsComplaint: string | undefined;
  return {
    async update() {
      const { stderr } = await apt('fetching the package lists', ['-q', 'update']);
      // APT calls it a success when no source could be reached. One that could may well do.
      listsComplaint = firstComplaint(stderr);
    },
    async missingFor(packageName) {
      const args = ['--simulate', '-qq', '--no-install-recommends', 'install', packageName];
      const { stdout: plan } = await apt(`finding what ${packageName} needs`, args);
      return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
    },
    async download(packages, into) {
      await apt(`downloading ${packages.join(' ')}`, ['-q', 'download', ...packages], into).catch((error) => {
        throw listsComplaint === undefined ? error : new Error(listsComplaint, { cause: error });
      });
      return (await readdir(into)).filter((name) => name.endsWith('.deb')).map((name) => join(into, name));
    },
  };
}
