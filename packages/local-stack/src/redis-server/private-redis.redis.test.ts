import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isPortFree } from '../processes/free-port.ts';
import { startDoomedParent } from '../test-fixtures/doomed-parent.ts';
import { isAlive } from '../test-fixtures/is-alive.ts';
import { redisCommand } from '../test-fixtures/redis-command.ts';
import { askRedisInfo } from './ask-redis.ts';
import { type PrivateRedisOptions, startPrivateRedis } from './private-redis.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(options?: PrivateRedisOptions) {
  const redis = await startPrivateRedis(options);
  cleanups.push(() => redis.stop());
  return redis;
}

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-flow-test-'));
  cleanups.unshift(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('it runs on loopback only, never evicts, keeps every write; stop leaves nothing', async () => {
  const redis = await start();
  const info = await askRedisInfo(redis.port);
  expect(info.get('process_id')).toBe(String(redis.pid));
  expect(info.get('maxmemory_policy')).toBe('noeviction');
  expect(info.get('aof_enabled')).toBe('1');
  expect(await redisCommand(redis.port, 'CONFIG GET bind')).toContain('127.0.0.1');
  expect(await redisCommand(redis.port, 'CONFIG GET appendfsync')).toContain('always');
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  await redis.stop();
  expect(redis.running).toBe(false);
  expect(isAlive(redis.pid)).toBe(false);
  expect(existsSync(redis.dataDir)).toBe(false);
  expect(await isPortFree(redis.port)).toBe(true);
});

test('killed and restarted: same port, another process, nothing lost', async () => {
  const redis = await start();
  await redisCommand(redis.port, 'SET answer 42');
  const { pid } = redis;
  await redis.kill('SIGKILL');
  expect(redis.running).toBe(false);
  await expect(redisCommand(redis.port, 'PING')).rejects.toThrow('ECONNREFUSED');
  await redis.restart();
  expect(redis.pid).not.toBe(pid);
  expect(await redisCommand(redis.port, 'GET answer')).toContain('42');
  await redis.restart();
  expect(await redisCommand(redis.port, 'GET answer')).toContain('42');
  await redis.stop();
  expect(existsSync(redis.dataDir)).toBe(false);
  await expect(redis.restart()).rejects.toThrow('start a new one');
});

test('halted with SIGSTOP it answers nothing; continued it does; halted it can still be stopped', async () => {
  const redis = await start();
  await redis.kill('SIGSTOP');
  expect(redis.running).toBe(true);
  const answer = redisCommand(redis.port, 'PING');
  await redis.kill('SIGCONT');
  expect(await answer).toBe('+PONG\r\n');
  await redis.kill('SIGSTOP');
  await redis.stop();
  expect(isAlive(redis.pid)).toBe(false);
});

test('a given data folder is kept, and a new Redis goes on with it', async () => {
  const dataDir = await tempFolder();
  const first = await start({ dataDir });
  await redisCommand(first.port, 'SET kept yes');
  await first.stop();
  expect(existsSync(dataDir)).toBe(true);
  const second = await start({ dataDir, port: first.port });
  expect(second.port).toBe(first.port);
  expect(await redisCommand(second.port, 'GET kept')).toContain('yes');
});

test('a given port that is taken: a sentence that names it, and the first one goes on', async () => {
  const redis = await start();
  await expect(startPrivateRedis({ port: redis.port })).rejects.toThrow(
    `Redis cannot listen on 127.0.0.1:${redis.port}: another program uses that port.`,
  );
  expect(await redisCommand(redis.port, 'PING')).toBe('+PONG\r\n');
});

test("wrong arguments: Redis's own complaint", async () => {
  await expect(startPrivateRedis({ extraArgs: ['--no-such-setting', '1'] })).rejects.toThrow(
    /did not start: .*(no-such-setting|Bad directive)/,
  );
});

test('extra arguments reach it, and without append-only it writes no log', async () => {
  const redis = await start({ appendOnly: false, extraArgs: ['--maxmemory', '64mb'] });
  const info = await askRedisInfo(redis.port);
  expect(info.get('maxmemory')).toBe(String(64 * 1024 * 1024));
  expect(info.get('aof_enabled')).toBe('0');
});

test('a parent killed with SIGKILL takes its Redis and the data along', async () => {
  const parent = await startDoomedParent('parent-of-redis');
  const [pid = -1] = parent.said.pids;
  const folder = parent.said.folder ?? '';
  expect(isAlive(pid)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  await parent.kill();
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});
