import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

type Running = {
  child: ChildProcess;
  ready: Promise<Record<string, unknown>>;
  ended: Promise<{ code: number | null; err: string }>;
};

const watch = (child: ChildProcess): Running => {
  children.push(child);
  let out = '';
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, err }));
  });
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      out += chunk;
      if (out.includes('\n')) resolve(JSON.parse(out.slice(0, out.indexOf('\n'))) as Record<string, unknown>);
    });
    void ended.then(({ err: text }) => reject(new Error(text)));
  });
  ready.catch(() => undefined);
  return { child, ready, ended };
};

const env = (more: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'] ?? '',
  ...more,
});

const start = (more: Record<string, string>): Running =>
  watch(spawn(process.execPath, [MAIN], { env: env(more) }));

const portOf = (line: Record<string, unknown>): number => (line['ports'] as { http: number }).http;

describe('the process', () => {
  test('says in one line where it listens and that it is a simulation, and ends at SIGTERM with 0', async () => {
    const { child, ready, ended } = start({ MOCK_PORT: '0', MOCK_LATENCY_MS: '0' });
    const line = await ready;
    expect(line).toMatchObject({ level: 'info', event: 'process.ready', service: 'mock-anthropic' });
    expect(line['msg']).toBe(
      `Simulated Anthropic API listening on http://127.0.0.1:${portOf(line)} (simulation: no real model answers here)`,
    );
    for (const path of ['/livez', '/readyz']) {
      const response = await fetch(`http://127.0.0.1:${portOf(line)}${path}`);
      expect(response.status).toBe(200);
      await response.text();
    }
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  test('lists all faults of the environment at once', async () => {
    const { code, err } = await start({
      MOCK_PORT: '99999',
      MOCK_LATENCY_MS: 'soon',
      MOCK_AWKWARD_PERCENT: '101',
    }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/MOCK_PORT must be a whole number from 0 to 65535, but is "99999"/);
    expect(err).toMatch(/MOCK_LATENCY_MS must be .* but is "soon"/);
    expect(err).toMatch(/MOCK_AWKWARD_PERCENT must be .* but is "101"/);
  });

  test('a port that is taken: one sentence naming the port and the variable', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, err } = await start({ MOCK_PORT: String(port) }).ended;
    holder.close();
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toContain(String(port));
    expect(err).toContain('MOCK_PORT');
  });

  test('ends when the parent that holds its channel goes away', async () => {
    const child = fork(MAIN, { env: env({ MOCK_PORT: '0' }), silent: true });
    // A child whose channel was closed by hand never reports 'close'.
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await watch(child).ready;
    child.disconnect();
    expect(await exited).toBe(0);
  });
});
