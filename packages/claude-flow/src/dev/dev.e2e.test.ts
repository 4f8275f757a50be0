import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { descendants, isAlive, runCommand } from '../test/run-command.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Longer than a start takes on a busy machine. */
const DEADLINE = { timeout: 60_000, interval: 100 };

const dev = (env: Record<string, string>, args: string[] = []) =>
  runCommand(MAIN, args, { cwd: tmpdir(), env: { XDG_STATE_HOME: '/dev/null', ...env } });

describe('pnpm dev', () => {
  it.each([
    ['dev', [], 'restart'],
    ['start', ['--no-watch'], '\nPress Ctrl-C'],
  ])('%s serves until Ctrl-C, with readable logs, and leaves nothing running', async (_name, args, told) => {
    const { child, output, code } = dev({ PORT: '0' }, args);
    try {
      await expect.poll(() => output.err, DEADLINE).toContain('Ctrl-C to end everything');
      expect(output.err).toContain(told);
      expect(output.err).toMatch(/REDIS_URL=redis:\/\/127.0.0.1:\d+/);
      const url = /API +(http:\/\/\S+)/.exec(output.err)?.[1];
      expect((await fetch(`${url}/api/health`)).status).toBe(200);
      expect(output.out).toMatch(/^\d\d:\d\d:\d\d worker-2 +info +Worker worker-2/m);
      const processes = descendants(child.pid);
      child.kill('SIGINT');
      expect(await code, output.err).toBe(0);
      await expect.poll(() => processes.filter(isAlive), DEADLINE).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('names the port that is taken and the variable that changes it', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const { output, code } = dev({ PORT: String(port) });
    expect(await code).toBe(1);
    expect(output.err).toBe(
      `dev: Port ${port} is taken by another program: set PORT to a free one, or to 0 for any.\n`,
    );
    taken.close();
  });

  it('refuses a port that is none', async () => {
    const { output, code } = dev({ PORT: 'http' });
    expect(await code).toBe(2);
    expect(output.err).toContain('PORT');
  });
});
