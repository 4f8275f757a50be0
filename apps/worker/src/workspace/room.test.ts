import { statfs } from 'node:fs/promises';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { expect, test } from 'vitest';
import { type RoomWatch, watchRoom } from './room.ts';

const everyMs = 5;

/** A watch, and what it has told; `looked` resolves when it has looked once more. */
function watched(folder: string, bytes: number) {
  const told: boolean[] = [];
  return { told, watch: watchRoom({ folder, everyMs, bytes, onChange: (full) => told.push(full) }) };
}

const isFull = (watch: RoomWatch) =>
  waitFor(() => watch.full, { deadlineMs: 5_000, everyMs, what: 'the disk to be full' });

test('a disk with less free than is asked for is full, and that is told once', async () => {
  await using folder = await createTempFolder('room');
  const { blocks, bsize } = await statfs(folder.path);
  const { told, watch } = watched(folder.path, blocks * bsize + 1);
  await isFull(watch);
  watch.end();
  expect(told).toEqual([true]);
});

test('one with room, or that cannot be asked, is not', async () => {
  await using folder = await createTempFolder('room');
  const quiet = [watched(folder.path, 1), watched(`${folder.path}/not-there`, Number.MAX_SAFE_INTEGER)];
  // Begun later than the others, with the same rest: once it has looked, they have.
  const { blocks, bsize } = await statfs(folder.path);
  const last = watched(folder.path, blocks * bsize + 1);
  await isFull(last.watch);
  for (const { watch } of [...quiet, last]) watch.end();
  expect(quiet.map(({ told }) => told)).toEqual([[], []]);
});
