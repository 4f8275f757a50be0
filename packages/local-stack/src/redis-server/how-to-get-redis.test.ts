import { expect, test } from 'vitest';
import { howToGetRedis } from './how-to-get-redis.ts';
import { parseOsRelease } from './linux-release.ts';

const linux = (text: string) => ({ platform: 'linux' as const, release: parseOsRelease(text), reasons: [] });

test.each([
  ['macOS', { platform: 'darwin' as const, release: undefined, reasons: [] }, '"brew install redis"'],
  ['Windows', { platform: 'win32' as const, release: undefined, reasons: [] }, 'WSL'],
  ['Debian', linux('ID=debian'), '"sudo apt-get install redis-server"'],
  ['Mint', linux('ID=linuxmint\nID_LIKE="ubuntu debian"'), '"sudo apt-get install redis-server"'],
  ['Alpine', linux('ID=alpine'), '"apk add redis"'],
  ['Rocky', linux('ID="rocky"\nID_LIKE="rhel centos fedora"'), 'dnf install'],
  ['Arch', linux('ID=arch'), 'pacman'],
  ['openSUSE', linux('ID="opensuse-leap"\nID_LIKE="suse opensuse"'), 'zypper'],
  ['any other', linux(''), 'on PATH'],
])('%s', (_name, given, hint) => {
  const sentence = howToGetRedis(given);
  expect(sentence).toContain(hint);
  expect(sentence).toMatch(
    /^Redis is needed and none was found: .* or set REDIS_URL to one that you have\.$/,
  );
});

test('what was tried in vain is said', () => {
  const given = {
    platform: 'darwin' as const,
    release: undefined,
    reasons: ['/bin/redis-server is version 5.0.0.'],
  };
  expect(howToGetRedis(given)).toContain('none was found (/bin/redis-server is version 5.0.0.): ');
});
