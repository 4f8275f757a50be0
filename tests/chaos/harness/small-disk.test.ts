import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mountSmallDisk } from './small-disk.ts';

test('a full disk refuses what is written, and takes it when there is room', async ({ skip }) => {
  const disk = await mountSmallDisk(1);
  if (disk === undefined) return skip('nothing may be mounted here');
  try {
    const write = () => writeFile(join(disk.path, 'file'), 'some text');
    await disk.fill();
    await expect(write()).rejects.toThrow('ENOSPC');
    await disk.clear();
    await write();
  } finally {
    await disk.remove();
  }
});
