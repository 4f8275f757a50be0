import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpFixture, json } from '../test/http-fixture.ts';
import { descendants, isAlive, runCommand } from '../test/run-command.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Longer than a start and a swarm take on a busy machine. */
const DEADLINE = { timeout: 60_000, interval: 100 };

let cwd: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'claude-flow-demo-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(cwd, { recursive: true, force: true });
});

function demo(args: string[], env: Record<string, string> = {}) {
  const command = runCommand(MAIN, args, { cwd, env: { MOCK_LATENCY_MS: '0', ...env } });
  started.push(command.child);
  return command;
}

describe('the demo', () => {
  it('runs a swarm with real processes, saves its files and leaves nothing running', async () => {
    const { child, output, code } = demo(['--', 'Build a small calculator']);
    await expect.poll(() => output.out, DEADLINE).toContain('started by');
    const processes = descendants(child.pid);
    expect(processes.length).toBeGreaterThanOrEqual(6);
    expect(await code, output.err).toBe(0);
    expect(output.out).toContain('created: Build a small calculator');
    expect(output.out).toContain('Completed.');
    expect(output.out).toMatch(/worker-\d \(pid \d+\) ran \d/);
    expect(output.out).toMatch(/The model was simulated.*ANTHROPIC_API_KEY/);
    const [swarmId = ''] = await readdir(join(cwd, 'artifacts'));
    expect(output.out).toContain(`./artifacts/${swarmId}`);
    const readme = await readFile(join(cwd, 'artifacts', swarmId, 'README.md'), 'utf8');
    expect(readme.length).toBeGreaterThan(100);
    await expect.poll(() => processes.filter(isAlive), DEADLINE).toEqual([]);
  });

  it.each([
    ['while it starts', 'Starting', 'err'],
    ['in the middle', 'started by', 'out'],
  ] as const)('Ctrl-C %s ends everything with exit code 130', async (_when, sign, stream) => {
    const { child, output, code } = demo([], { MOCK_LATENCY_MS: '400' });
    await expect.poll(() => output[stream], { ...DEADLINE, interval: 20 }).toContain(sign);
    const processes = descendants(child.pid);
    child.kill('SIGINT');
    // What a package runner does with a Ctrl-C that the terminal has sent to all: it is the same one.
    child.kill('SIGINT');
    expect(await code, output.err).toBe(130);
    await expect.poll(() => processes.filter(isAlive), DEADLINE).toEqual([]);
  });

  it('--keep stays until Ctrl-C, which then is no failure', async () => {
    const { child, output, code } = demo(['--keep']);
    await expect.poll(() => output.err, DEADLINE).toContain('keeps running');
    const url = /API +(http:\/\/\S+)/.exec(output.out)?.[1];
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    const processes = descendants(child.pid);
    child.kill('SIGINT');
    expect(await code, output.err).toBe(0);
    await expect.poll(() => processes.filter(isAlive), DEADLINE).toEqual([]);
  });

  it('says why a swarm failed, with exit code 5', async () => {
    const refusal = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'No such thing here.' },
    };
    await using model = await httpFixture(json(400, refusal));
    const { output, code } = demo([], { ANTHROPIC_BASE_URL: model.url });
    expect(await code, output.err).toBe(5);
    expect(output.out).toMatch(/Failed: .*No such thing here/);
    expect(output.out).toContain('A real model answered');
  });

  it('says why it could not start, with exit code 1', async () => {
    const { output, code } = demo([], { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(await code).toBe(1);
    expect(output.err).toMatch(/demo: .*Redis/);
    expect(output.err).not.toMatch(/\n\s+at /);
  });

  it('refuses wrong usage before it starts anything, with exit code 2', async () => {
    const { output, code } = demo(['--fast']);
    expect(await code).toBe(2);
    expect(output.err).toContain('--fast');
    expect(output.err).not.toContain('Starting');
  });
});
