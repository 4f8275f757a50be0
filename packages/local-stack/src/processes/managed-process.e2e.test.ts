import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startDoomedParent } from '../test-fixtures/doomed-parent.ts';
import { fixture } from '../test-fixtures/fixture.ts';
import { isAlive } from '../test-fixtures/is-alive.ts';
import { type ManagedProcess, type ProcessOptions, startProcess } from './managed-process.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function start(program: string, options: Partial<ProcessOptions> = {}): ManagedProcess {
  const child = startProcess({ name: 'api-1', entry: fixture(program), ...options });
  cleanups.push(() => child.stop(100));
  return child;
}

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-flow-test-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('reports the ports of the ready line and serves there, with the minimal environment', async () => {
  process.env['STRAY_API_KEY'] = 'leaked';
  cleanups.push(async () => delete process.env['STRAY_API_KEY']);
  const child = start('well-behaved', { env: { PORT: '0', GIVEN: 'yes' } });
  const ports = await child.ready;
  expect(ports.http).toBeGreaterThan(0);
  expect(child.ports).toEqual(ports);
  const env = (await (await fetch(child.url)).json()) as Record<string, string>;
  expect(env).toMatchObject({ GIVEN: 'yes', PATH: process.env['PATH'] });
  expect(env).not.toHaveProperty('STRAY_API_KEY');
});

test('stop ends it in order; its last lines arrive', async () => {
  const seen: string[] = [];
  const child = start('well-behaved', { onLine: ({ process: name, text }) => seen.push(`${name} ${text}`) });
  await child.ready;
  const ending = child.waitForLine((text) => text === 'ending', 10_000);
  expect(await child.stop()).toEqual({ code: 0, signal: null });
  expect(await ending).toBe('ending');
  expect(seen).toEqual([
    `api-1 starting ${child.pid} `,
    expect.stringContaining('process.ready'),
    'api-1 ending',
  ]);
  expect(child.running).toBe(false);
});

test('stop kills what does not listen to SIGTERM', async () => {
  const child = start('never-ready');
  await child.waitForLine((text) => text === 'still busy', 10_000);
  expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
});

test.each([
  ['fails-at-start', 'PORT 80 is already in use: set PORT to another one.'],
  ['ends-with-log-line', 'REDIS_URL is missing: set it.'],
])('%s: the failure is its own sentence', async (program, sentence) => {
  const child = start(program);
  await expect(child.ready).rejects.toThrow(`api-1 ended before its ready line: ${sentence}`);
  expect((await child.exited).code).toBe(1);
});

test('a process that never gets ready fails at the deadline and names its last line', async () => {
  const child = start('never-ready', { readyDeadlineMs: 1_500 });
  await expect(child.ready).rejects.toThrow('api-1: no ready line within 1.5 s. Its last line: still busy');
});

test('a program that is not there is a failure, not a crash', async () => {
  const child = start('well-behaved', { cwd: '/nowhere/at/all' });
  await expect(child.ready).rejects.toThrow(/api-1 ended before its ready line: spawn .*ENOENT/);
});

test('waiting for a line ends with the process', async () => {
  const child = start('ends-with-log-line');
  await expect(child.waitForLine(() => false, 60_000, 'answer')).rejects.toThrow(
    'api-1 ended before its answer',
  );
});

const versionProgram = (version: number) => `
console.log(JSON.stringify({ pid: process.pid, version: ${version} }));
process.on('disconnect', () => process.exit(0));
setInterval(() => {}, 1_000);
`;

test('watch: restarts on change, and stop ends watcher and program', async () => {
  const entry = join(await tempFolder(), 'program.mjs');
  await writeFile(entry, versionProgram(1));
  const child = start('', { entry, watch: true });
  const first = await child.waitForLine((text) => text.includes('"version":1'), 20_000);
  // The program may speak before its watcher watches: write until it is noticed.
  const isSecond = ({ text }: { text: string }) => text.includes('"version":2');
  const rewrite = () => writeFile(entry, versionProgram(2)).then(() => child.lines().some(isSecond));
  await expect.poll(rewrite, { timeout: 20_000, interval: 500 }).toBe(true);
  const second = await child.waitForLine((text) => text.includes('"version":2'), 20_000);
  const pids = [first, second].map((line) => (JSON.parse(line) as { pid: number }).pid);
  expect(new Set(pids).size).toBe(2);
  await child.stop();
  for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test('watch: nothing is left when the parent is killed with SIGKILL', async () => {
  const entry = join(await tempFolder(), 'program.mjs');
  await writeFile(entry, versionProgram(1));
  const parent = await startDoomedParent('parent-of-watched', { ENTRY: entry });
  expect(parent.said.pids.map(isAlive)).toEqual([true, true]);
  await parent.kill();
  await expect.poll(() => parent.said.pids.map(isAlive), { timeout: 10_000 }).toEqual([false, false]);
});
