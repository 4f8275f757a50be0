import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryEntries } from '@claude-flow/local-stack/entries';
import { startTestRedis } from '@claude-flow/testing/redis';
import { expect, test } from 'vitest';

/** A number that no account has, as `docker run -u` and OpenShift give. */
const NOBODY = { uid: 65_532, gid: 65_532 };

/** Why it cannot be tried here; undefined where it can. */
function unable(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may start a process as somebody else';
  try {
    execFileSync(process.execPath, ['-e', ''], { ...NOBODY, env: {} });
    execFileSync(process.execPath, ['--check', repositoryEntries.worker], { ...NOBODY, env: {} });
    return undefined;
  } catch {
    return 'that user may not read this folder';
  }
}

const why = unable();
test.skipIf(why !== undefined).each(['api', 'scheduler', 'worker'] as const)(
  `%s starts as a user without an account${why === undefined ? '' : ` (skipped: ${why})`}`,
  async (kind) => {
    const redis = await startTestRedis();
    // Nothing of the machine is written to but this: not even HOME is set.
    const TMPDIR = mkdtempSync(join(tmpdir(), 'nobody-'));
    execFileSync('chmod', ['777', TMPDIR]);
    const child = spawn(process.execPath, [repositoryEntries[kind]], {
      ...NOBODY,
      env: {
        TMPDIR,
        PORT: '0',
        HOST: '127.0.0.1',
        REDIS_URL: redis.url,
        REDIS_PREFIX: redis.prefix,
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const ready = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          said += chunk;
          if (said.includes('process.ready')) resolve('ready');
        });
      }
      child.on('exit', (code) => resolve(`exit ${code}: ${said}`));
    });
    expect(await ready).toBe('ready');
    const exited = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    await redis.stop();
    rmSync(TMPDIR, { recursive: true });
  },
);
