import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type TempFolder } from '@claude-flow/testing/temp-folder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openForReading, openForWriting } from './confined.ts';
import { parseFilePath, parsePath, parseWritablePath, ToolFailure } from './paths.ts';

describe('paths', () => {
  it.each([
    '/etc/passwd',
    '../secret',
    'a/../../secret',
    'a/..',
    '~/x',
    'a\\b',
    'a\u0000b',
    'a\nb',
    `${'x'.repeat(201)}`,
  ])('refuses %j', (text) => {
    expect(() => parsePath(text)).toThrow(ToolFailure);
  });

  it('has one spelling for each path', () => {
    expect(parsePath('./src//a.ts')).toBe('src/a.ts');
    expect(parsePath('src/')).toBe('src');
    expect(parsePath('.')).toBe('');
    expect(parsePath('...')).toBe('...');
  });

  it('knows what is no file, and what is not for writing', () => {
    expect(() => parseFilePath('')).toThrow(ToolFailure);
    expect(() => parseFilePath('src/')).toThrow(ToolFailure);
    expect(() => parseWritablePath('.conflicts/task_001/a')).toThrow(/reading only/);
    expect(() => parseWritablePath('./.dependencies/x')).toThrow(ToolFailure);
    expect(parseWritablePath('.github/x.yml')).toBe('.github/x.yml');
  });
});

describe('opening files', () => {
  let folder: TempFolder;
  let root: string;
  let secret: string;
  beforeEach(async () => {
    folder = await createTempFolder('confined');
    root = join(folder.path, 'workspace');
    secret = join(folder.path, 'secret.txt');
    await mkdir(join(root, 'src'), { recursive: true });
    await writeFile(secret, 'secret');
    await writeFile(join(root, 'src/a.txt'), 'inside');
  });
  afterEach(() => folder.remove());

  const read = async (path: string) => {
    const handle = await openForReading(root, path);
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  };
  const write = async (path: string, text: string) => {
    const handle = await openForWriting(root, path, 0o644);
    try {
      await handle.truncate(0);
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  };

  it('reads and writes inside, and makes folders', async () => {
    await write('new/deep/b.txt', 'hello');
    expect(await read('new/deep/b.txt')).toBe('hello');
    await write('src/a.txt', 'x');
    expect(await read('src/a.txt')).toBe('x');
  });

  it('follows no symbolic link, to a file, to a folder, to nothing', async () => {
    await symlink(secret, join(root, 'link.txt'));
    await symlink(folder.path, join(root, 'out'));
    await symlink(join(root, 'src'), join(root, 'inward'));
    await symlink(join(folder.path, 'new.txt'), join(root, 'dangling'));
    for (const path of ['link.txt', 'out/secret.txt', 'inward/a.txt', 'dangling']) {
      await expect(read(path), path).rejects.toThrow(ToolFailure);
      await expect(write(path, 'overwritten'), path).rejects.toThrow(ToolFailure);
    }
    await expect(write('out/new/x.txt', 'x')).rejects.toThrow(ToolFailure);
    expect(await readFile(secret, 'utf8')).toBe('secret');
    await expect(readFile(join(folder.path, 'new.txt'))).rejects.toThrow('ENOENT');
  });

  it('touches no hard link', async () => {
    await link(secret, join(root, 'hard.txt'));
    await expect(read('hard.txt')).rejects.toThrow(/hard link/);
    await expect(write('hard.txt', 'overwritten')).rejects.toThrow(/hard link/);
    expect(await readFile(secret, 'utf8')).toBe('secret');
  });

  it('does not hang on a named pipe, nor open a folder', async () => {
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(root, 'pipe')]);
    await expect(read('pipe')).rejects.toThrow(ToolFailure);
    await expect(write('pipe', 'x')).rejects.toThrow(ToolFailure);
    await expect(read('src')).rejects.toThrow(ToolFailure);
    await expect(write('src', 'x')).rejects.toThrow(ToolFailure);
    await expect(write('src/a.txt/b.txt', 'x')).rejects.toThrow(ToolFailure);
  });

  it('says what is missing', async () => {
    await expect(read('nothing.txt')).rejects.toThrow('There is no file nothing.txt');
    await expect(read('no/such.txt')).rejects.toThrow('There is no file no/such.txt');
  });
});
