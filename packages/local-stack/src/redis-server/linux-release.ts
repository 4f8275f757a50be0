import { readFile } from 'node:fs/promises';

export interface LinuxRelease {
  /** e.g. `debian`, `ubuntu`, `alpine`, `fedora` */
  id: string;
  /** e.g. `12`, `24.04`; `rolling` when it has none. */
  version: string;
  /** The distributions it is made from, e.g. [`ubuntu`, `debian`]. */
  like: string[];
}

/** Reads the text of /etc/os-release. */
export function parseOsRelease(text: string): LinuxRelease {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    if (match?.[1] !== undefined) fields.set(match[1], match[2] ?? match[3] ?? match[4] ?? '');
  }
  return {
    id: fields.get('ID') ?? 'linux',
    version: fields.get('VERSION_ID') ?? 'rolling',
    like: (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((id) => id !== ''),
  };
}

/** The running Linux's release; undefined elsewhere, or where /etc/os-release is missing. */
export async function readLinuxRelease(path = '/etc/os-release'): Promise<LinuxRelease | undefined> {
  try {
    return parseOsRelease(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether the release is one of the named distributions, or made from one of them. */
export function isFamily(release: LinuxRelease | undefined, ...ids: string[]): boolean {
  return release !== undefined && [release.id, ...release.like].some((id) => ids.includes(id));
}
