import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimAll, graph, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import type { JournalEntry } from '../contracts/journal.ts';
import { INLINE_LIMIT_BYTES, TASK_JOURNAL_LIMIT_BYTES } from '../runtime/tunables.ts';
import { readArtifact, storeArtifact } from './artifacts.ts';
import { completeTask } from './completions.ts';
import { reserveSwarmId } from './idempotency.ts';
import { appendJournal, readJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { appendLog } from './logs.ts';
import { forgetGoneSwarms } from './retention.ts';
import {
  createSwarm,
  deleteSwarm,
  listOwnerSwarms,
  pauseSwarm,
  retireSwarm,
  startSwarm,
  stopSwarm,
} from './swarms.ts';
import { getResult, listResults, listTasks } from './task-reads.ts';
import { failTask, releaseTask, type TaskClaim } from './tasks.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let ledger: Ledger;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());
beforeEach(async () => {
  const connected = await openLedger(redis.url, `${redis.prefix}-${Math.random().toString(36).slice(2)}`);
  ledger = connected;
  return () => connected.redis.disconnect();
});

const keysLeft = async () =>
  (await ledger.redis.keys(`*${ledger.keys.prefix}*`))
    .map((key) => key.slice(ledger.keys.prefix.length))
    .sort();

async function started(edges: Record<string, string[]>): Promise<string> {
  const swarmId = await newSwarm(ledger);
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  return swarmId;
}

async function claimOne(swarmId: string): Promise<TaskClaim> {
  const [one] = await claimAll(ledger, swarmId);
  if (one === undefined) throw new Error('nothing claimed');
  return one;
}

const bytes = (swarmId: string) =>
  ledger.redis.hget(ledger.keys.swarm(swarmId, 'meta'), 'blobBytes').then(Number);
const file = (path: string, text: string) => ({ path, mode: 0o644, content: Buffer.from(text) });
const retire = async (swarmId: string) =>
  retireSwarm(
    ledger,
    swarmId,
    (await listTasks(ledger, swarmId)).map((task) => task.spec.id),
  );

/** A swarm with something in every key that a swarm can have. */
async function fullSwarm(): Promise<string> {
  const swarmId = await started({ a: [], b: [], c: ['a'] });
  const claims = await claimAll(ledger, swarmId);
  for (const claim of claims) {
    await appendJournal(ledger, claim, 0, { kind: 'turn.requested', turn: 1, attempt: 1 });
    await storeArtifact(ledger, claim, file('a.txt', `by ${claim.taskId}`), true);
  }
  await appendLog(ledger, swarmId, { level: 'info', source: 'worker', message: 'at work' });
  const [one, two] = claims;
  if (one === undefined || two === undefined) throw new Error('two tasks should run');
  await completeTask(ledger, one, result('done'), {});
  await pauseSwarm(ledger, swarmId);
  await releaseTask(ledger, two, 'paused');
  await stopSwarm(ledger, swarmId, { reason: 'stopped', message: 'Enough.' });
  return swarmId;
}

describe('what a swarm leaves', () => {
  test('after its retirement no key lives for ever, those written later included', async () => {
    const swarmId = await fullSwarm();
    await ledger.redis.del(ledger.keys.swarm(swarmId, 'logs'));
    await retire(swarmId);
    await appendLog(ledger, swarmId, { level: 'info', source: 'worker', message: 'one more word' });
    const keys = await ledger.redis.keys(`*${swarmId}*`);
    expect(keys).toContain(ledger.keys.swarm(swarmId, 'logs'));
    expect(keys).toContain(ledger.keys.swarm(swarmId, 'journal', 'task_001'));
    for (const key of keys)
      expect([key, await ledger.redis.ttl(key)]).toEqual([key, expect.toSatisfy((s) => s > 0)]);
  });

  test('deleted or expired: not one key without an owner', async () => {
    const deleted = await fullSwarm();
    const expired = await fullSwarm();
    await retire(expired);
    await deleteSwarm(ledger, deleted);
    // Seven days later: what Redis does by itself.
    for (const key of await ledger.redis.keys(`*${expired}*`)) {
      expect(await ledger.redis.ttl(key)).toBeGreaterThan(0);
      await ledger.redis.del(key);
    }
    expect(await listOwnerSwarms(ledger, 'tester', 0, 10)).toEqual([expired]);
    expect(await forgetGoneSwarms(ledger)).toBe(0);
    expect(await forgetGoneSwarms(ledger, Date.now() + 8 * 24 * 3600 * 1000)).toBe(1);
    // But for the sign that keeps the id from coming back, which goes by itself.
    const gone = ledger.keys.swarm(deleted, 'gone');
    expect(await keysLeft()).toEqual([gone.slice(ledger.keys.prefix.length)]);
    expect(await ledger.redis.ttl(gone)).toBeGreaterThan(24 * 3600);
  });

  test('a swarm that was announced and never written leaves its owner’s index', async () => {
    const real = await newSwarm(ledger);
    const [ghost, when] = ['swarm_ghost_000000000', Date.now()];
    await createSwarm(ledger, { ...NEVER, id: ghost }, when);
    await ledger.redis.del(ledger.keys.swarm(ghost, 'meta'), ledger.keys.swarm(ghost, 'events'));
    expect(await forgetGoneSwarms(ledger, when + 24 * 3600 * 1000)).toBe(1);
    expect(await listOwnerSwarms(ledger, 'tester', 0, 10)).toEqual([real]);
    // The one that is still there is asked again, later.
    expect(await ledger.redis.zcard(ledger.keys.knownSwarms)).toBe(1);
    expect(await forgetGoneSwarms(ledger, when + 24 * 3600 * 1000)).toBe(0);
  });

  test('an idempotency key ends by itself', async () => {
    const request = { owner: 'tester', idempotencyKey: 'k', body: '{}', freshId: 'swarm_a_000000000' };
    await reserveSwarmId(ledger, request);
    expect(await ledger.redis.ttl(ledger.keys.idempotency('tester', 'k'))).toBeGreaterThan(0);
  });
});

const NEVER = {
  id: '',
  owner: 'tester',
  name: 'Never',
  objective: 'Never written',
  strategy: 'auto',
  mode: 'centralized',
  maxAgents: 5,
  timeoutMs: 300_000,
  parallel: true,
  options: {},
} as const;

describe('file contents', () => {
  test('that only checkpoints needed are freed when the task completes; those of its result stay', async () => {
    const swarmId = await started({ a: [], b: ['a'] });
    const claim = await claimOne(swarmId);
    const old = await storeArtifact(ledger, claim, file('a.txt', 'first version'), false);
    await storeArtifact(ledger, claim, file('a.txt', 'first version'), false);
    const kept = await storeArtifact(ledger, claim, file('a.txt', 'second version'), true);
    expect(await bytes(swarmId)).toBe('first version'.length + 'second version'.length);
    await completeTask(ledger, claim, { ...result('done'), artifacts: [kept] }, {});
    expect(await readArtifact(ledger, swarmId, old.digest)).toBeUndefined();
    expect(await readArtifact(ledger, swarmId, kept.digest)).toEqual(Buffer.from('second version'));
    expect(await bytes(swarmId)).toBe('second version'.length);
  });

  test('stay while another task needs the same', async () => {
    const swarmId = await started({ a: [], b: [] });
    const [one, two] = await claimAll(ledger, swarmId);
    if (one === undefined || two === undefined) throw new Error('two tasks should run');
    const shared = await storeArtifact(ledger, one, file('a.txt', 'the same'), false);
    await storeArtifact(ledger, two, file('b.txt', 'the same'), false);
    await completeTask(ledger, one, result('done'), {});
    expect(await readArtifact(ledger, swarmId, shared.digest)).toBeDefined();
    await completeTask(ledger, two, result('done'), {});
    expect(await readArtifact(ledger, swarmId, shared.digest)).toBeUndefined();
    expect(await bytes(swarmId)).toBe(0);
  });

  test('of an attempt that is tried again stay; of a task that failed for good they go', async () => {
    const swarmId = await started({ a: [] });
    const claim = await claimOne(swarmId);
    const one = await storeArtifact(ledger, claim, file('a.txt', 'half done'), false);
    await failTask(ledger, claim, { code: 'internal', message: 'x', retryable: true, delayMs: 0 });
    expect(await readArtifact(ledger, swarmId, one.digest)).toBeDefined();
    const next = await claimOne(swarmId);
    await failTask(ledger, next, { code: 'internal', message: 'x', retryable: false, delayMs: 0 });
    expect(await readArtifact(ledger, swarmId, one.digest)).toBeUndefined();
  });
});

describe('large values', () => {
  const large = 'é'.repeat(INLINE_LIMIT_BYTES / 2 + 1);
  const turn = (text: string): JournalEntry => ({
    kind: 'tool.finished',
    turn: 1,
    id: 'toolu_1',
    content: text,
    isError: false,
  });

  test('a large journal entry lies among the file contents and reads back whole', async () => {
    const swarmId = await started({ a: [] });
    const claim = await claimOne(swarmId);
    await appendJournal(ledger, claim, 0, turn('small'));
    await appendJournal(ledger, claim, 1, turn(large));
    await appendJournal(ledger, claim, 1, turn(large));
    expect(await readJournal(ledger, swarmId, claim.taskId)).toEqual([turn('small'), turn(large)]);
    const journal = await ledger.redis.lrange(ledger.keys.swarm(swarmId, 'journal', claim.taskId), 0, -1);
    expect(journal.map((text) => text.length < 300)).toEqual([true, true]);
    await completeTask(ledger, claim, result('done'), {});
    expect(await readJournal(ledger, swarmId, claim.taskId)).toHaveLength(2);
  });

  test('a large result lies among the file contents, reads back whole, and may be sent twice', async () => {
    const swarmId = await started({ a: [], b: [] });
    const claim = await claimOne(swarmId);
    await completeTask(ledger, claim, result(large), {});
    await completeTask(ledger, claim, result(large), {});
    expect(await getResult(ledger, swarmId, claim.taskId)).toEqual(result(large));
    expect((await listResults(ledger, swarmId)).get(claim.taskId)).toEqual(result(large));
    expect(await ledger.redis.hstrlen(ledger.keys.swarm(swarmId, 'results'), claim.taskId)).toBeLessThan(300);
    const stranger = { ...claim, token: 'another' };
    await expect(completeTask(ledger, stranger, result(large), {})).rejects.toMatchObject({ code: 'fenced' });
  });

  test('a journal has its limit, and says what to do', async () => {
    const swarmId = await started({ a: [] });
    const claim = await claimOne(swarmId);
    const chunk = 'x'.repeat(INLINE_LIMIT_BYTES / 2);
    const fits = Math.floor(TASK_JOURNAL_LIMIT_BYTES / (chunk.length + 200));
    let index = 0;
    for (; index < fits; index += 1) await appendJournal(ledger, claim, index, turn(chunk));
    const overfill = async () => {
      for (let more = 0; more < 3; more += 1) await appendJournal(ledger, claim, index + more, turn(chunk));
    };
    await expect(overfill()).rejects.toMatchObject({
      code: 'artifact_too_large',
      message: expect.stringContaining('Split the task'),
    });
  });
});
