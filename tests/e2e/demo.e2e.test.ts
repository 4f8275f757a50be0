import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { waitFor } from '@claude-flow/testing/wait-for';
import { expect, test } from 'vitest';

const DEMO = new URL('../../packages/claude-flow/src/demo/main.ts', import.meta.url).pathname;

function runDemo(cwd: string, args: string[]) {
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, ...env } = process.env;
  const child = spawn(process.execPath, [DEMO, ...args], {
    cwd,
    env: { ...env, MOCK_SEED: '7', TMPDIR: cwd },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
  return { child, exited, output: () => output };
}

/** Processes whose working files are below a folder (all of a demo's temporary files are below its TMPDIR). */
function left(folder: string): string {
  return execFileSync('ps', ['-eo', 'args'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(folder))
    .join('\n');
}

/** What ends with its parent has a moment to do so. */
const nothingLeft = (folder: string) =>
  waitFor(() => left(folder) === '', { deadlineMs: 5_000, what: `nothing to run in ${folder}` });

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('pnpm demo: a swarm end to end, results, files, one line on the simulation, exit 0, nothing left', async () => {
  await using folder = await createTempFolder('demo');
  const demo = runDemo(folder.path, ['Build a REST API for pet adoption']);
  expect(await demo.exited).toBe(0);
  const said = demo.output();
  expect(said).toContain('pet adoption');
  expect(
    said.split('\n').filter((line) => /simulated/i.test(line) && line.includes('ANTHROPIC_API_KEY')),
  ).toHaveLength(1);
  const written = files(join(folder.path, 'artifacts'));
  expect(written.length).toBeGreaterThan(2);
  expect(written.some((file) => readFileSync(file, 'utf8').toLowerCase().includes('adoption'))).toBe(true);
  await nothingLeft(folder.path);
});

test('an option that does not exist is a usage error; help explains', async () => {
  await using folder = await createTempFolder('demo');
  const wrong = runDemo(folder.path, ['--kepe']);
  expect(await wrong.exited).toBe(2);
  expect(wrong.output()).toContain('--kepe');
  const help = runDemo(folder.path, ['--help']);
  expect(await help.exited).toBe(0);
  expect(help.output()).toContain('--keep');
});

test('--keep stays until Ctrl-C, answers meanwhile, and ends cleanly', async () => {
  await using folder = await createTempFolder('demo');
  const demo = runDemo(folder.path, ['--', 'A very short story', '--keep']);
  const url = await waitFor(() => demo.output().match(/(http:\/\/127\.0\.0\.1:\d+)\/docs/)?.[1], {
    deadlineMs: 60_000,
    what: 'the URLs are printed',
  });
  expect(demo.output()).toContain('/admin/queues');
  expect((await fetch(`${url}/api/health`)).status).toBe(200);
  expect((await fetch(`${url}/docs`)).status).toBe(200);
  expect((await fetch(`${url}/admin/queues`)).status).toBe(200);
  demo.child.kill('SIGINT');
  expect(await demo.exited).toBe(0);
  await nothingLeft(folder.path);
});

test('Ctrl-C in the middle of a run ends everything', async () => {
  await using folder = await createTempFolder('demo');
  const demo = runDemo(folder.path, []);
  await waitFor(() => /task_001/.test(demo.output()), {
    deadlineMs: 60_000,
    what: 'the first task is shown',
  });
  demo.child.kill('SIGINT');
  expect(await demo.exited).toBe(130);
  await nothingLeft(folder.path);
});
