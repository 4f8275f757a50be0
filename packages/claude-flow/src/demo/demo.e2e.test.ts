import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@claude-flow/local-stack/processes/free-port';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpFixture, json } from '../test/http-fixture.ts';
import { descendants, isAlive, runCommand } from '../test/run-command.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const KEY_CREATE = join(ROOT, 'apps/api/src/keys/main.ts');
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
  const command = runCommand(MAIN, args, {
    cwd,
    env: { MOCK_LATENCY_MS: '0', XDG_STATE_HOME: join(cwd, 'state'), ...env },
  });
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

  it('counts the variables of the API, names those without effect, and lets key:create find its Redis', async () => {
    const XDG_STATE_HOME = join(cwd, 'state');
    const port = await freePort();
    const { child, output, code } = demo(['--keep'], {
      PORT: String(port),
      AUTH_ENABLED: 'true',
      API_KEYS: 'the-users-own-key-0123456789',
      RATE_LIMIT_MAX: '2',
      HEALTH_PORT: '1',
      XDG_STATE_HOME,
    });
    await expect.poll(() => output.err, DEADLINE).toContain('keeps running');
    expect(output.err).toMatch(/without effect on demo: HEALTH_PORT \(/);
    const url = `http://127.0.0.1:${port}`;
    expect(output.out).toContain(`API          ${url}\n`);
    expect(output.out).toMatch(/REDIS_URL=redis:\/\/127.0.0.1:\d+/);
    const [, key = ''] = /^Key +(\S+)/m.exec(output.out) ?? [];
    const asked = async (sent: string, init: RequestInit = {}) =>
      (await fetch(`${url}/api/swarms`, { ...init, headers: { 'x-api-key': sent } })).status;
    expect([await asked(''), await asked(key), await asked('the-users-own-key-0123456789')]).toEqual([
      401, 200, 200,
    ]);

    // The printed line, as it is: with the key it makes a swarm. The demo's own was one write, and two are allowed.
    const [, line = ''] = /^ +(curl -s .*)$/m.exec(output.out) ?? [];
    const curl = () => promisify(execFile)('sh', ['-c', line]).then(({ stdout }) => JSON.parse(stdout));
    expect(await curl()).toMatchObject({ swarmId: expect.stringMatching(/^swarm_/) });
    expect(await curl()).toMatchObject({ error: expect.anything() });

    const made = runCommand(KEY_CREATE, ['--name', 'ops', '--admin'], { cwd, env: { XDG_STATE_HOME } });
    expect(await made.code, made.output.err).toBe(0);
    expect(made.output.err).toContain('the running pnpm demo');
    expect(await asked(made.output.out.trim())).toBe(200);

    child.kill('SIGTERM');
    expect(await code, output.err).toBe(0);
    expect(await readdir(join(XDG_STATE_HOME, 'claude-flow-remote'))).toEqual([]);
  });

  it('ends when the npx above it is told to, which passes no signal on', async () => {
    const args = ['-y', '--offline', 'pnpm@12', 'demo', '--keep'];
    const env = { ...process.env, MOCK_LATENCY_MS: '0', XDG_STATE_HOME: join(cwd, 'state') };
    const npx = spawn('npx', args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(npx);
    let text = '';
    for (const stream of [npx.stdout, npx.stderr]) stream.on('data', (chunk) => (text += chunk));
    try {
      await expect.poll(() => text, DEADLINE).toContain('keeps running');
      const processes = descendants(npx.pid);
      expect(processes.length).toBeGreaterThanOrEqual(9);
      npx.kill('SIGTERM');
      await expect.poll(() => processes.filter(isAlive), DEADLINE).toEqual([]);
    } finally {
      const [, swarmId] = /artifacts\/(swarm_\w+)/.exec(text) ?? [];
      if (swarmId !== undefined) await rm(join(ROOT, 'artifacts', swarmId), { recursive: true, force: true });
    }
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
    expect(output.out).toContain('No model answered');
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
