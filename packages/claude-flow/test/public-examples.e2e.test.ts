import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allExamples, exampleProgram } from './example-program.ts';

/** Every `@example` of the public interface compiles, and runs against one real system with the offline model. */
const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
const examples = allExamples();

/** Inside the package, so that `claude-flow/client` means this one. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(here, '.examples-'));
  await writeFile(join(folder, 'program.ts'), exampleProgram(examples));
  const config = { extends: '../../../tsconfig.base.json', files: ['program.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the examples compile', async () => {
  const faults = await run(process.execPath, [compiler, '-p', folder], { cwd: folder }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(faults).toBe('');
});

test('the examples run', async () => {
  expect(examples.length).toBeGreaterThan(100);
  const redis = await startTestRedis();
  const model = await startMockAnthropic();
  try {
    const { stdout } = await run(process.execPath, [join(folder, 'program.ts')], {
      cwd: here,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        REDIS_URL: redis.url,
        REDIS_PREFIX: redis.prefix,
        ANTHROPIC_BASE_URL: model.url,
        LOG_LEVEL: 'warn',
      },
    });
    const [told = '{}'] = /(?<=^TOLD ).*/m.exec(stdout) ?? [];
    expect(JSON.parse(told)).toEqual({ count: examples.length, failed: [] });
  } finally {
    await model.close();
    await redis.stop();
  }
});
