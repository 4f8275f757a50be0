import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  claim,
  claimAll,
  eventLines,
  graph,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { POISON_CRASHES } from '../runtime/tunables.ts';
import { MAX_SWARM_ARTIFACT_BYTES, readArtifact, storeArtifact } from './artifacts.ts';
import { completeTask } from './completions.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { withLock } from './lock.ts';
import { appendLog, readLogs } from './logs.ts';
import { observeSwarm } from './observations.ts';
import { getSwarm, startSwarm } from './swarms.ts';
import { getTask } from './task-reads.ts';
import { dispatchTasks, heartbeatTask, reclaimTask, requeueTask, type TaskClaim, tryApart } from './tasks.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
  ledger = await openLedger(redis.url, redis.prefix);
});
afterAll(async () => {
  ledger?.redis.disconnect();
  await redis?.stop();
});

async function running(leaseMs?: number) {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [], b: ['a'] }));
  await startSwarm(ledger, swarmId);
  const [one] = await claimAll(ledger, swarmId, leaseMs);
  if (one === undefined) throw new Error('nothing claimed');
  return one;
}

const expired = (swarmId: string) =>
  waitFor(async () => (await observeSwarm(ledger, swarmId, 0)).expired.length > 0, {
    deadlineMs: 5_000,
    everyMs: 5,
    what: 'the lease ends',
  });

describe('a worker that vanished', () => {
  test('its task is taken away once the lease ended, not before, and only by the token seen', async () => {
    const alive = await running();
    expect(await reclaimTask(ledger, alive)).toBeUndefined();
    const dead = await running(1);
    await expired(dead.swarmId);
    expect(await reclaimTask(ledger, { ...dead, token: 'another' })).toBeUndefined();
    expect(await reclaimTask(ledger, dead)).toBe('retrying');
    expect(await reclaimTask(ledger, dead)).toBeUndefined();
    const [next] = await claimAll(ledger, dead.swarmId);
    expect(next).toMatchObject({ taskId: 'task_001', attempt: 2 });
  });

  test('everything it still writes is refused', async () => {
    const dead = await running(1);
    await expired(dead.swarmId);
    await reclaimTask(ledger, dead);
    const file = { path: 'a.txt', mode: 0o644, content: Buffer.from('late') };
    await expect(storeArtifact(ledger, dead, file, true)).rejects.toMatchObject({ code: 'fenced' });
    const late = { kind: 'turn.requested', turn: 1, attempt: 1 } as const;
    await expect(appendJournal(ledger, dead, 0, late)).rejects.toMatchObject({ code: 'fenced' });
    await expect(completeTask(ledger, dead, result('late'), {})).rejects.toMatchObject({ code: 'fenced' });
    expect(await heartbeatTask(ledger, dead)).toBe('fenced');
    expect(await readJournal(ledger, dead.swarmId, dead.taskId)).toEqual([]);
  });

  test('race: reclaim against a heartbeat: the task is its worker’s or is not, never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const one = await running(1);
      await expired(one.swarmId);
      const [beat, reclaimed] = await Promise.all([heartbeatTask(ledger, one), reclaimTask(ledger, one)]);
      expect([beat, reclaimed]).toEqual(beat === 'ok' ? ['ok', undefined] : ['fenced', 'retrying']);
    }
  });

  /** The worker that has the task is lost; the task goes to the next one. */
  async function lost(one: TaskClaim): Promise<string | undefined> {
    await expired(one.swarmId);
    return reclaimTask(ledger, one);
  }
  const again = async ({ swarmId }: TaskClaim) => {
    const [next] = await claimAll(ledger, swarmId, 1);
    if (next === undefined) throw new Error('nothing to claim');
    return next;
  };
  const stateOf = async ({ swarmId, taskId }: TaskClaim) => (await getTask(ledger, swarmId, taskId))?.state;

  test(`a task that takes its worker down ${POISON_CRASHES} times apart from other suspects is given up, with the reason`, async () => {
    let one = await running(1);
    for (let crash = 1; crash < POISON_CRASHES; crash += 1) {
      await tryApart(ledger, one);
      expect(await lost(one)).toBe('retrying');
      one = await again(one);
      expect(await stateOf(one)).toMatchObject({ crashes: crash, trial: 'waiting' });
    }
    await tryApart(ledger, one);
    await tryApart(ledger, one);
    expect(await stateOf(one)).toMatchObject({ trial: 'apart' });
    expect(await lost(one)).toBe('failed');
    const failed = await stateOf(one);
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'poison', crashes: POISON_CRASHES });
    expect(failed?.trial).toBeUndefined();
    expect(await getSwarm(ledger, one.swarmId)).toMatchObject({ status: 'failed', reason: 'task-failed' });
  });

  test('a suspect that had not begun is not blamed, however often its worker is lost', async () => {
    let one = await running(1);
    expect(await lost(one)).toBe('retrying');
    for (let round = 0; round < 3 * POISON_CRASHES; round += 1) {
      one = await again(one);
      expect(await lost(one)).toBe('retrying');
      expect(await stateOf(one)).toMatchObject({ status: 'retrying', crashes: 1 });
    }
    await tryApart(ledger, await again(one));
  });

  test('under workers that know of no trials a task is given up after twice as many losses', async () => {
    const one = await running(1);
    const { redis, keys } = ledger;
    let claimed = one;
    for (let crash = 1; crash <= 2 * POISON_CRASHES; crash += 1) {
      // What a release before would have written.
      const { trial: _unknown, ...state } = JSON.parse(
        (await redis.hget(keys.swarm(one.swarmId, 'tasks'), one.taskId)) ?? '{}',
      );
      await redis.hset(keys.swarm(one.swarmId, 'tasks'), one.taskId, JSON.stringify(state));
      expect(await lost(claimed)).toBe(crash === 2 * POISON_CRASHES ? 'failed' : 'retrying');
      if (crash < 2 * POISON_CRASHES) claimed = await again(one);
    }
  });
});

test('a queued attempt that nobody claimed gets a new number; the old job misses', async () => {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph({ a: [] }));
  await startSwarm(ledger, swarmId);
  const [old] = (await dispatchTasks(ledger, swarmId, 10)).queued;
  if (old === undefined) throw new Error('nothing queued');
  const [requeued, again] = await Promise.all([requeueTask(ledger, old), requeueTask(ledger, old)]);
  expect([requeued?.attempt, again?.attempt].sort()).toEqual([2, undefined]);
  expect(await claim(ledger, old)).toMatchObject({ claimed: false, why: 'stale-attempt' });
  expect((await claim(ledger, { ...old, attempt: 2 })).claimed).toBe(true);
});

describe('the journal', () => {
  test('keeps entries word for word, takes a repeated send once, and refuses a gap', async () => {
    const one = await running();
    const entry = {
      kind: 'turn.completed',
      turn: 1,
      content: [{ type: 'text', text: 'ä "q" \u0000 []' }, []],
      stopReason: 'end_turn',
      usage: { input_tokens: 5 },
      requestId: 'req_1',
    } as const;
    const usage = {
      inputTokens: 5,
      outputTokens: 7,
      cacheReadTokens: 1,
      cacheWriteTokens: 2,
      costMicros: 99,
    };
    await appendJournal(ledger, one, 0, entry, { usage, progress: { turn: 1, tools: ['read_file'] } });
    await appendJournal(ledger, one, 0, entry, { usage, progress: { turn: 1 } });
    expect(await readJournal(ledger, one.swarmId, one.taskId)).toEqual([entry]);
    expect((await getTask(ledger, one.swarmId, one.taskId))?.state).toMatchObject({ ...usage, turns: 1 });
    expect(await getSwarm(ledger, one.swarmId)).toMatchObject(usage);
    const lines = await eventLines(ledger, one.swarmId);
    expect(lines.filter((line) => line.startsWith('task.progress'))).toHaveLength(1);
    const gap = { kind: 'turn.requested', turn: 9, attempt: 1 } as const;
    await expect(appendJournal(ledger, one, 5, gap)).rejects.toMatchObject({ code: 'fenced' });
    await expect(appendJournal(ledger, one, 0, gap)).rejects.toMatchObject({ code: 'fenced' });
  });
});

describe('artifacts', () => {
  test('are kept once per content, byte for byte', async () => {
    const one = await running();
    const content = Buffer.from([0, 255, 13, 10, 128]);
    const first = await storeArtifact(ledger, one, { path: 'a.bin', mode: 0o644, content }, true);
    const second = await storeArtifact(ledger, one, { path: 'copy/a.bin', mode: 0o755, content }, false);
    expect(second.digest).toBe(first.digest);
    expect(await readArtifact(ledger, one.swarmId, first.digest)).toEqual(content);
    expect(await ledger.redis.hlen(ledger.keys.swarm(one.swarmId, 'blobs'))).toBe(1);
    expect(await readArtifact(ledger, one.swarmId, 'f'.repeat(64))).toBeUndefined();
    const lines = await eventLines(ledger, one.swarmId);
    expect(lines.filter((line) => line.startsWith('artifact.stored'))).toHaveLength(1);
  });

  test('over the swarm’s limit are refused in a sentence', async () => {
    const one = await running();
    await ledger.redis.hset(ledger.keys.swarm(one.swarmId, 'meta'), 'blobBytes', MAX_SWARM_ARTIFACT_BYTES);
    const file = { path: 'a.txt', mode: 0o644, content: Buffer.from('one more byte') };
    await expect(storeArtifact(ledger, one, file, true)).rejects.toMatchObject({
      code: 'artifact_too_large',
    });
  });
});

test('logs keep their order and their level; a swarm that is not there gets none', async () => {
  const swarmId = await newSwarm(ledger);
  await appendLog(ledger, swarmId, { level: 'debug', source: 'worker', message: 'one' });
  await appendLog(ledger, swarmId, { level: 'warn', source: 'worker', message: 'two', taskId: 'task_001' });
  await appendLog(ledger, swarmId, { level: 'info', source: 'scheduler', message: 'three' });
  const messages = async (level: 'debug' | 'info' | 'error', limit = 10) =>
    (await readLogs(ledger, swarmId, { level, limit })).map((line) => line.message);
  expect(await messages('debug')).toEqual(['one', 'two', 'three']);
  expect(await messages('info')).toEqual(['two', 'three']);
  expect(await messages('debug', 1)).toEqual(['three']);
  expect(await messages('error')).toEqual([]);
  await appendLog(ledger, 'swarm_a_999999999', { level: 'info', source: 'x', message: 'y' });
  expect(await ledger.redis.exists(ledger.keys.swarm('swarm_a_999999999', 'logs'))).toBe(0);
});

test('race: a lock has one holder, and is free again afterwards', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await ledger.redis.ping();
    inside -= 1;
  };
  const got = await Promise.all(Array.from({ length: 5 }, () => withLock(ledger, 'sweep', 5_000, work)));
  expect(got.filter(Boolean).length).toBeGreaterThan(0);
  expect(most).toBe(1);
  expect(await withLock(ledger, 'sweep', 5_000, work)).toBe(true);
});

test('scripts come back by themselves after Redis has forgotten them', async () => {
  const swarmId = await newSwarm(ledger);
  await (ledger.redis as Redis).function('FLUSH');
  await plan(ledger, swarmId, graph({ a: [] }));
  expect((await getSwarm(ledger, swarmId))?.status).toBe('ready');
});

test('a Redis user without the right to functions is told which', async () => {
  const name = `plain-${redis.prefix}`;
  await ledger.redis.call(
    'ACL',
    'SETUSER',
    name,
    'on',
    '>secret',
    '~*',
    '&*',
    '+@all',
    '-fcall',
    '-function',
  );
  const url = new URL(redis.url);
  url.username = name;
  url.password = 'secret';
  const plain = await openLedger(url.href, redis.prefix);
  await expect(newSwarm(plain)).rejects.toMatchObject({
    code: 'redis_unavailable',
    message: expect.stringContaining('+fcall, +function'),
  });
  plain.redis.disconnect();
  await ledger.redis.call('ACL', 'DELUSER', name);
});
