import { isFamily, type LinuxRelease } from './linux-release.ts';

function installHint(platform: NodeJS.Platform, release: LinuxRelease | undefined): string {
  if (platform === 'darwin') return 'install it with "brew install redis"';
  if (platform === 'win32') return 'run this in WSL (Redis has no Windows server)';
  if (isFamily(release, 'debian', 'ubuntu')) return 'install it with "sudo apt-get install redis-server"';
  if (isFamily(release, 'alpine')) return 'install it with "apk add redis"';
  if (isFamily(release, 'fedora', 'rhel', 'centos'))
    return 'install it with "sudo dnf install valkey" (or redis)';
  if (isFamily(release, 'arch')) return 'install it with "sudo pacman -S valkey"';
  if (isFamily(release, 'suse', 'opensuse')) return 'install it with "sudo zypper install redis"';
  return 'install redis-server or valkey-server (6.2 or newer) so that it is on PATH';
}

/** One sentence for a person whose machine has no usable Redis; `reasons` says what was tried in vain. */
export function howToGetRedis(given: {
  platform: NodeJS.Platform;
  release: LinuxRelease | undefined;
  reasons: string[];
}): string {
  const why = given.reasons.length === 0 ? '' : ` (${given.reasons.join(' ')})`;
  const hint = installHint(given.platform, given.release);
  return `Redis is needed and none was found${why}: ${hint}, or set REDIS_URL to one that you have.`;
}
