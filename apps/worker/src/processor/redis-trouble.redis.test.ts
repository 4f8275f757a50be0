import { createCompleter } from '@claude-flow/core/queue/completer';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createLedger } from '@claude-flow/core/store/ledger';
import { claimTask } from '@claude-flow/core/store/tasks';
import { type RedisProxy, startRedisProxy } from '@claude-flow/testing/redis-proxy';
import type { RespCommand } from '@claude-flow/testing/resp-requests';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { type ScriptedModel, startScriptedModel, submit } from '../../test/scripted-model.ts';
import { holdTask } from '../lease/held-task.ts';
import { endAttempt } from './end-attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';

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

const isScript =
  (name: string) =>
  (command: RespCommand): boolean =>
    command.name === 'FCALL' && String(command.args[0]).endsWith(`_${name}`);

const silent = createLogger({ service: 'test', level: 'silent' });
const RESULT = { summary: 's', decisions: [], output: '', openQuestions: [], artifacts: [], quality: null };

/** From now on nothing of the worker's reaches Redis after it has begun to claim a task. */
const heldAtClaim = () => proxy.trap({ match: isScript('claim_task'), n: 1, act: 'hold' });

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

it('what is handed over with a lost answer is run, although a heartbeat finds the task ended meanwhile', async () => {
  const redis = await connectRedis({ url: proxy.url, name: 'far', mode: 'patient' });
  const ledger = createLedger({ redis, prefix: fixture.redis.prefix });
  try {
    const swarmId = await fixture.swarm([{}, { dependencies: ['task_001'] }]);
    const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine', workerId: 'w' };
    const claimed = await claimTask(ledger, wish);
    if (!claimed.claimed) throw new Error(claimed.why);
    const task = holdTask(claimed.claim, performance.now());
    const swarmLog = { write: () => undefined };
    // Executed; its answer never comes, and it is sent again on the next connection.
    const lost = proxy.trap({ match: isScript('complete_tasks'), n: 1, act: 'kill-after' });
    const ending = endAttempt(
      {
        ledger,
        queues: fixture.queues,
        completer: createCompleter({ ledger, queues: fixture.queues }),
        workerId: 'w',
      } as ProcessorDeps,
      { task, spec: claimed.spec, state: claimed.state, log: silent, swarmLog },
      { result: RESULT, data: {} },
      () => 1,
    );
    await lost;
    task.lose('fenced');
    const ended = await ending;
    expect(ended).toMatchObject({
      outcome: 'completed',
      next: { claim: { taskId: 'task_002', attempt: 1 } },
    });
    expect((await fixture.task(swarmId, 'task_002')).state.token).toBe(ended.next?.claim.token);
  } finally {
    redis.disconnect();
  }
});
