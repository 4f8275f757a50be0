import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A client in types alone can be made of docs/openapi.json, and the compiler finds wrong uses of it. */
const run = promisify(execFile);
const here = (path: string) => new URL(path, import.meta.url);
const compiler = fileURLToPath(here('./node_modules/typescript/bin/tsc'));

/** The compiler reads the whole library each time. */
const COMPILE_TIMEOUT_MS = 120_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-flow-typed-'));
  // As anybody would make one: with the generator's own defaults.
  const types = astToString(await openapiTS(here('../../docs/openapi.json')));
  await writeFile(join(folder, 'api.ts'), types);
  await cp(here('./program.ts.txt'), join(folder, 'program.ts'));
}, COMPILE_TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

const compile = (file: string) =>
  run(process.execPath, [
    compiler,
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    join(folder, file),
  ]);

test('a program that uses it compiles, its wrong uses marked as such', {
  timeout: COMPILE_TIMEOUT_MS,
}, async () => {
  const { stdout } = await compile('program.ts').catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});

test('a wrong use does not', { timeout: COMPILE_TIMEOUT_MS }, async () => {
  await writeFile(
    join(folder, 'wrong.ts'),
    "import type { operations } from './api';\n" +
      "export const body: operations['createTask']['requestBody']['content']['application/json'] = { name: 7 };\n",
  );
  await expect(compile('wrong.ts')).rejects.toMatchObject({
    stdout: expect.stringContaining("'number' is not assignable to type 'string'"),
  });
});
