import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAgentLoop } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { startHarness } from './harness.ts';
import { runPlan } from './run-plan.ts';
import type { Files } from './workspace.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.server.close());

const runPlanned = async (objective: string): Promise<Files> => (await runPlan(h, objective)).files;

const runTests = async (files: Files): Promise<{ code: number | null; output: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'mock-anthropic-code-'));
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    // The marks of the surrounding test runner would make node:test report to it instead of to us.
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(process.execPath, ['--test'], { cwd: folder, env });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  } finally {
    await rm(folder, { recursive: true });
  }
};

for (const objective of [
  'Build a REST API for user management',
  'Create a bookings API with login tokens',
  'Create a simple calculator app',
  'Build a chat application',
  'Create a todo list app',
]) {
  test(`${objective}: planned, written in pieces, and its own tests pass`, async () => {
    const files = await runPlanned(objective);
    const { code, output } = await runTests(files);
    expect(output).toMatch(/pass [1-9]\d*/);
    expect(output).toMatch(/fail 0/);
    expect(code).toBe(0);
  });
}

test('modules for tasks of their own really work', async () => {
  const run = async (name: string) =>
    (await runAgentLoop(h.client, { agentType: 'specialist', objective: 'Build an order API', name })).files;
  const names = ['Session tokens', 'Throttling', 'Structured logging', 'Caching', 'Nightly import'];
  const files: Files = new Map((await Promise.all(names.map(run))).flatMap((each) => [...each]));
  files.set('package.json', '{ "type": "module" }');
  files.set(
    'all.test.js',
    `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueToken, verifyToken } from './src/session-tokens.js';
import { createLimiter } from './src/throttling.js';
import { createLogger } from './src/structured-logging.js';
import { createCache } from './src/caching.js';
import { createNightlyImport } from './src/nightly-import.js';

test('all', async () => {
  const token = issueToken({ subject: 'ada', expiresAt: 10 }, 'secret');
  assert.equal(verifyToken(token, 'secret', 5).subject, 'ada');
  assert.equal(verifyToken(token, 'other', 5), null);
  assert.equal(verifyToken(token, 'secret', 11), null);
  const limiter = createLimiter({ limit: 1, windowMs: 100, now: () => 0 });
  assert.deepEqual([limiter.take('a').allowed, limiter.take('a').allowed, limiter.take('b').allowed], [true, false, true]);
  const lines = [];
  createLogger({ write: (line) => lines.push(line) }).debug('hidden');
  createLogger({ write: (line) => lines.push(line) }).info('shown', { n: 1 });
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ['shown']);
  let computed = 0;
  const cache = createCache({ ttlMs: 1000 });
  await Promise.all([cache.get('a', () => ++computed), cache.get('a', () => ++computed)]);
  assert.equal(computed, 1);
  const { value, trace } = await createNightlyImport({ double: (n) => n * 2, add: async (n) => n + 1 }).run(3);
  assert.equal(value, 7);
  assert.deepEqual(trace.map((entry) => entry.step), ['double', 'add']);
});
`,
  );
  const { code, output } = await runTests(files);
  expect(output).toMatch(/pass 1/);
  expect(code).toBe(0);
});

test('a broken piece makes those tests fail', async () => {
  const files = await runPlanned('Create a simple calculator app');
  const engine = files.get('src/calculator.js') ?? '';
  files.set('src/calculator.js', engine.replace('apply: (a, b) => a + b', 'apply: (a, b) => a - b'));
  expect((await runTests(files)).code).toBe(1);
});

test('texts are planned and written without conflicts, too', async () => {
  const poems = await runPlanned('Write a haiku collection about the sea');
  expect(poems.get('content/haiku-collection-sea.md')).toMatch(/### 1\. Sea/);
  const german = await runPlanned('Vergleiche drei Datenbanken für einen kleinen Laden');
  expect([...german.keys()]).toContain('docs/comparison.md');
  expect(german.get('docs/review.md') ?? [...german.values()].join('')).toMatch(/Prüfung/);
});
