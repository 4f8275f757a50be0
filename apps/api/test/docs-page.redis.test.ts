import { execFile } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** Debian's; elsewhere the test is skipped, and says so. */
const BROWSER = '/usr/bin/chromium';
const found = await access(BROWSER).then(
  () => true,
  () => false,
);
const BROWSER_TIMEOUT_MS = 90_000;

let redis: TestRedis;
let server: TestApi;
let profile: string;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  profile = await mkdtemp(join(tmpdir(), 'claude-flow-docs-'));
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
  await rm(profile, { recursive: true, force: true });
});

test.skipIf(!found)(
  '/docs shows the API in a browser without a network, and its own content policy forbids nothing it needs',
  { timeout: BROWSER_TIMEOUT_MS + 10_000 },
  async () => {
    const { stdout, stderr } = await promisify(execFile)(
      BROWSER,
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        `--user-data-dir=${profile}`,
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
        '--virtual-time-budget=15000',
        '--enable-logging=stderr',
        '--dump-dom',
        `${server.api.url}/docs`,
      ],
      { maxBuffer: 64 * 1024 * 1024, timeout: BROWSER_TIMEOUT_MS },
    );
    expect(stdout).toContain('Create a swarm');
    expect(stdout).toContain('Delete a swarm');
    const console = stderr.split('\n').filter((line) => line.includes('CONSOLE'));
    expect(console.filter((line) => /Content Security Policy|Refused to|ERR_NAME_NOT/.test(line))).toEqual(
      [],
    );
  },
);
