import { expect, test } from 'vitest';
import { isFamily, parseOsRelease, readLinuxRelease } from './linux-release.ts';

test('reads quoted and bare values', () => {
  const text = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\nVERSION_ID="24.04"\nID_LIKE=debian\n# comment\n';
  expect(parseOsRelease(text)).toEqual({ id: 'ubuntu', version: '24.04', like: ['debian'] });
});

test('a release without version or relatives', () => {
  expect(parseOsRelease("ID='arch'")).toEqual({ id: 'arch', version: 'rolling', like: [] });
});

test('a family is the release itself or what it is made from', () => {
  const mint = parseOsRelease('ID=linuxmint\nID_LIKE="ubuntu debian"');
  expect(isFamily(mint, 'debian')).toBe(true);
  expect(isFamily(mint, 'fedora')).toBe(false);
  expect(isFamily(undefined, 'debian')).toBe(false);
});

test('no such file: no Linux release', async () => {
  expect(await readLinuxRelease('/nowhere/os-release')).toBeUndefined();
});
