import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTempFolder } from './temp-folder.ts';

test('each is new and empty, and goes with all that is in it', async () => {
  const [first, second] = [await createTempFolder(), await createTempFolder()];
  expect(first.path).not.toBe(second.path);
  expect(await readdir(first.path)).toEqual([]);
  await writeFile(join(first.path, 'file'), 'x');
  await first.remove();
  await second.remove();
  expect([existsSync(first.path), existsSync(second.path)]).toEqual([false, false]);
  await first.remove();
});

test('await using removes it at the end of the block', async () => {
  let path: string;
  {
    await using folder = await createTempFolder('block');
    path = folder.path;
    expect(existsSync(path)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});
