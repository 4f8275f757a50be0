import { expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnv, loadConfig } from '../runtime/config.ts';
import { REDIS_RECONNECT_AT_MOST_MS } from '../runtime/tunables.ts';
import { isRedisAway, restBeforeRetry } from './connect.ts';

const schema = z.object({ REDIS_URL: commonEnv.REDIS_URL });
const accepted = (url: string) => {
  try {
    return loadConfig(schema, { REDIS_URL: url }).REDIS_URL === url;
  } catch {
    return false;
  }
};

test('a URL that is neither is refused at boot', () => {
  for (const url of ['redis://h', 'rediss://u:p@h:1/0', 'redis+cluster://a:1,b:2', 'redis+cluster://u:p@a']) {
    expect([url, accepted(url)]).toEqual([url, true]);
  }
  for (const url of [
    'http://h',
    'h:6379',
    'redis+cluster://',
    'redis+cluster://a:x',
    'redis+cluster://a,,b',
  ]) {
    expect([url, accepted(url)]).toEqual([url, false]);
  }
});

test('a Redis that refuses for a while is away, whatever it calls that; a mistake of ours is not', () => {
  for (const message of [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "OOM allow-oom flag is not set on the function, can not run it when used memory > 'maxmemory'",
    'NOREPLICAS Not enough good replicas to write.',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    "READONLY You can't write against a read only replica.",
    "NOPERM this user has no permissions to run the 'fcall' command",
    "ERR The user executing the script can't run this command or subcommand script: on @user_function:1.",
    'ERR ACL failure in script: User flow has no permissions to run the hset command',
    'MISCONF Errors writing to the AOF file: No space left on device',
  ]) {
    expect([message, isRedisAway(new Error(message))]).toEqual([message, true]);
  }
  for (const message of ['ERR Function not found', 'WRONGTYPE Operation', 'BUSYGROUP name already exists']) {
    expect([message, isRedisAway(new Error(message))]).toEqual([message, false]);
  }
});

test('a client that lost Redis rests ever longer, never long, and not as long as its neighbours', () => {
  for (const random of [0, 0.5, 1]) {
    const rests = Array.from({ length: 2_000 }, (_, times) => restBeforeRetry(times + 1, random));
    expect(rests).toEqual(rests.toSorted((a, b) => a - b));
    expect(rests[0]).toBeGreaterThan(0);
    expect(rests.at(-1)).toBe(REDIS_RECONNECT_AT_MOST_MS * (0.5 + random / 2));
  }
  // Part of the five seconds within which everything goes on.
  expect(REDIS_RECONNECT_AT_MOST_MS).toBeLessThanOrEqual(500);
});
