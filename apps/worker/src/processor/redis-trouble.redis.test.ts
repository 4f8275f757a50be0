import { claimTask } from '@claude-flow/core/store/tasks';
import { type RedisProxy, startRedisProxy } from '@claude-flow/testing/redis-proxy';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { type ScriptedModel, startScriptedModel, submit } from '../../test/scripted-model.ts';

let fixture: Fixture;
let model: ScriptedModel;
let proxy: RedisProxy;
beforeEach(async () => {
  fixture = await openFixture({ ownServer: true });
  model = await startScriptedModel(() => ({ content: [submit('Done.')], stopReason: 'tool_use' }));
  proxy = await startRedisProxy({
    targetPort: Number(new URL(fixture.redis.url).port),
    kill: () => undefined,
  });
});
afterEach(async () => {
  await room();
  proxy.mode('pass');
  await fixture.close();
  await model.close();
  await proxy.close();
});

const SOON = { deadlineMs: 20_000 };
const full = () => fixture.ledger.redis.config('SET', 'maxmemory', '1');
const room = () => fixture.ledger.redis.config('SET', 'maxmemory', '0');
const refusals = async () =>
  Number(/errorstat_OOM:count=(\d+)/.exec(await fixture.ledger.redis.info('errorstats'))?.[1] ?? 0);

/** From now on nothing of the worker's reaches Redis after it has begun to claim a task. */
const heldAtClaim = () =>
  proxy.trap({
    match: ({ name, args }) => name.toLowerCase() === 'fcall' && String(args[0]).endsWith('_claim_task'),
    n: 1,
    act: 'hold',
  });

it('a task that was delivered as Redis became full is begun when there is room, by the same delivery', async () => {
  const claiming = heldAtClaim();
  await fixture.worker(model.url, { REDIS_URL: proxy.url });
  const swarmId = await fixture.swarm([{}]);
  await claiming;
  const before = await refusals();
  await full();
  proxy.mode('pass');
  await waitFor(async () => (await refusals()) > before + 1, { ...SOON, what: 'the claim to be refused' });
  await room();
  // Nobody else is there who could deliver it again.
  await fixture.seen(swarmId, 'task.completed');
  expect((await fixture.task(swarmId)).state).toMatchObject({ attempt: 1, failures: 0, crashes: 0 });
});

it('a worker that stops while its claim is unanswered hands the task back, should it have got it', async () => {
  const claiming = heldAtClaim();
  const worker = await fixture.worker(model.url, { REDIS_URL: proxy.url });
  const swarmId = await fixture.swarm([{}]);
  await claiming;
  const drained = worker.drain();
  proxy.mode('pass');
  await drained;
  const { status, attempt } = (await fixture.task(swarmId)).state;
  expect([status, attempt]).toEqual(['queued', 2]);
  const next = { swarmId, taskId: 'task_001', attempt, token: 'next', workerId: 'another' };
  expect((await claimTask(fixture.ledger, next)).claimed).toBe(true);
  expect(model.requests).toEqual([]);
});
