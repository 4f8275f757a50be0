import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announceStack, runningStacks, whereRedisIs } from './running-stacks.ts';

let home: string;
let env: NodeJS.ProcessEnv;
let folder: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'claude-flow-state-'));
  env = { XDG_STATE_HOME: home };
  folder = join(home, 'claude-flow-remote');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const stack = (pid: number, port = 1) => ({
  pid,
  command: 'start',
  apiUrl: 'http://127.0.0.1:3000',
  redisUrl: `redis://127.0.0.1:${port}`,
});

test('a running stack is found by its user alone, until it says that it ends', async () => {
  const forget = await announceStack(stack(process.pid), env);
  expect(await runningStacks(env)).toEqual([stack(process.pid)]);
  const [file = ''] = await readdir(folder);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await forget();
  expect(await runningStacks(env)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test('what a killed command left behind counts for nothing and is removed', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await announceStack(stack(child.pid ?? 0), env);
  expect(await runningStacks(env)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test('a file that others could have written, or that says nonsense, is not believed', async () => {
  await announceStack(stack(process.pid), env);
  const file = join(folder, `${process.pid}.json`);
  await chmod(file, 0o666);
  expect(await runningStacks(env)).toEqual([]);
  await chmod(file, 0o600);
  for (const text of ['{', '[]', '{"pid": 1}', JSON.stringify(stack(1))]) {
    await writeFile(file, text);
    expect(await runningStacks(env)).toEqual([]);
  }
});

test('nowhere to write is no fault', async () => {
  const forget = await announceStack(stack(process.pid), { XDG_STATE_HOME: '/dev/null/x' });
  await forget();
  expect(await runningStacks({ XDG_STATE_HOME: '/dev/null/x' })).toEqual([]);
});

test('REDIS_URL comes first, then the one stack that runs; of two, the user chooses', async () => {
  const said: string[] = [];
  const say = (sentence: string) => said.push(sentence);
  expect(await whereRedisIs(env, say)).toEqual(env);
  await announceStack({ ...stack(process.pid, 7), redisPrefix: 'p' }, env);
  expect(await whereRedisIs({ ...env, REDIS_URL: 'redis://mine' }, say)).toMatchObject({
    REDIS_URL: 'redis://mine',
  });
  expect(said).toEqual([]);
  expect(await whereRedisIs(env, say)).toMatchObject({ REDIS_URL: 'redis://127.0.0.1:7', REDIS_PREFIX: 'p' });
  expect(said).toEqual([expect.stringContaining('pnpm start')]);
  await announceStack(stack(process.ppid, 8), env);
  await expect(whereRedisIs(env, say)).rejects.toThrow(
    /more than one[\s\S]*REDIS_URL=redis:\/\/127.0.0.1:[78]/,
  );
});
