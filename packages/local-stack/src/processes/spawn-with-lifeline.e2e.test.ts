import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDoomedParent } from '../test-fixtures/doomed-parent.ts';
import { isAlive } from '../test-fixtures/is-alive.ts';
import { spawnWithLifeline } from './spawn-with-lifeline.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-flow-test-'));
  await writeFile(join(folder, 'data'), 'x');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const env = { PATH: process.env['PATH'] ?? '' };
const exitOf = (child: { once(event: 'exit', listener: (...end: unknown[]) => void): unknown }) =>
  new Promise((resolve) => child.once('exit', (...end) => resolve(end)));

test('a killed parent takes the program and its folder along', async () => {
  const parent = await startDoomedParent('parent-of-program', { FOLDER: folder });
  const [pid = -1] = parent.said.pids;
  expect(isAlive(pid)).toBe(true);
  await parent.kill();
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});

test('it is the program itself: its process id, its exit code, its output', async () => {
  const { child, letGo } = spawnWithLifeline({
    command: 'sh',
    args: ['-c', 'echo "$$ $1"; exit 7', 'sh', 'a b'],
    env,
  });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const end = exitOf(child);
  await new Promise((resolve) => child.once('close', resolve).once('exit', () => letGo()));
  expect(await end).toEqual([7, null]);
  expect(printed).toBe(`${child.pid} a b\n`);
});

test.each([
  ['stays', true],
  ['goes', false],
])('after the end of the program the folder %s as told', async (_name, keepFolder) => {
  const args = ['-c', 'echo up; exec sleep 600'];
  const { child, letGo } = spawnWithLifeline({ command: 'sh', args, env, folder });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const end = exitOf(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  expect(await end).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(true);
  letGo({ keepFolder });
  // The watcher has ended when the pipe to it is closed.
  await closed;
  expect(existsSync(folder)).toBe(keepFolder);
});
