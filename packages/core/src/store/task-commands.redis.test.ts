import { readFileSync } from 'node:fs';
import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDocTable } from '../../test/doc-table.ts';
import { claim, graph, NO_USAGE, newSwarm, openLedger, plan, result } from '../../test/ledger-fixture.ts';
import { ClaudeFlowError } from '../domain/errors.ts';
import { assignTask, spawnAgent } from './agents.ts';
import { approvalId, askApproval, decideApproval } from './approvals.ts';
import { storeArtifact } from './artifacts.ts';
import { completeTask } from './completions.ts';
import { appendJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { noteModelWait } from './model-waits.ts';
import { observeSwarm } from './observations.ts';
import { getSwarm, pauseSwarm, startSwarm, stopSwarm } from './swarms.ts';
import { cancelTask, retryTask } from './task-control.ts';
import { getTask } from './task-reads.ts';
import {
  claimTask,
  dispatchTasks,
  failTask,
  heartbeatTask,
  reclaimTask,
  releaseTask,
  requeueTask,
  type TaskClaim,
  tryApart,
} from './tasks.ts';
import { waitTask } from './wait-task.ts';

const table = readDocTable(
  readFileSync(new URL('../../../../docs/architecture.md', import.meta.url), 'utf8'),
  'task-commands',
);

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

const BUDGET = 1_000;

/** The swarm stays executing in every state: a second task, `z`, keeps it open unless the state is `cancelled`. */
async function swarmWithTask(): Promise<TaskClaim> {
  const swarmId = await newSwarm(ledger, {
    maxAgents: 2,
    parallel: false,
    budget: { maxTokens: BUDGET },
  });
  await plan(ledger, swarmId, graph({ a: [], b: ['a'], z: [] }, { maxRetries: 1 }));
  await startSwarm(ledger, swarmId);
  return { swarmId, taskId: 'task_001', attempt: 1, token: 'none' };
}

async function queued() {
  const target = await swarmWithTask();
  await dispatchTasks(ledger, target.swarmId, 1);
  return target;
}

async function running(leaseMs = 60_000) {
  const { swarmId, taskId } = await queued();
  const claimed = await claim(ledger, { swarmId, taskId, attempt: 1, priority: 2 }, leaseMs);
  if (!claimed.claimed) throw new Error(claimed.why);
  return claimed.claim;
}

const fail = (target: TaskClaim, retryable: boolean) =>
  failTask(ledger, target, { code: 'internal', message: 'x', retryable, delayMs: 60_000 });

const WISH = { kind: 'tool', turn: 1, callId: 'call', tool: 'write_file', input: {} } as const;

/** How a task gets into each state, by the real commands. */
const reach: Record<string, () => Promise<TaskClaim>> = {
  blocked: async () => ({ ...(await swarmWithTask()), taskId: 'task_002' }),
  ready: swarmWithTask,
  queued,
  running,
  waiting: async () => {
    const target = await running();
    await askApproval(ledger, target, [WISH]);
    return target;
  },
  retrying: async () => {
    const target = await running();
    await fail(target, true);
    return target;
  },
  suspended: async () => {
    const target = await running();
    await pauseSwarm(ledger, target.swarmId);
    await releaseTask(ledger, target, 'the test');
    return target;
  },
  completed: async () => {
    const target = await running();
    await completeTask(ledger, target, result('x'), {});
    return target;
  },
  failed: async () => {
    const target = await running();
    await fail(target, false);
    return target;
  },
  cancelled: async () => {
    const target = await running();
    await stopSwarm(ledger, target.swarmId, { reason: 'stopped', message: 'm' });
    return target;
  },
  skipped: async () => {
    const target = await running();
    await fail(target, false);
    return { ...target, taskId: 'task_002' };
  },
};

const fenced = (error: unknown) => {
  if (error instanceof ClaudeFlowError && error.code === 'fenced') return 'fenced';
  throw error;
};
const conflict = (error: unknown) => {
  const codes = ['task_state_conflict', 'swarm_state_conflict'];
  if (error instanceof ClaudeFlowError && codes.includes(error.code)) return '409';
  throw error;
};
/** A living agent other than the task's own; in a swarm that has ended there is none, and none is needed. */
async function anAgent(swarmId: string): Promise<{ id: string }> {
  const ended = ['completed', 'failed', 'stopped'].includes((await getSwarm(ledger, swarmId))?.status ?? '');
  return ended ? { id: 'agent_001' } : spawnAgent(ledger, swarmId, { type: 'reviewer' });
}
const statusOf = async (target: TaskClaim) =>
  (await getTask(ledger, target.swarmId, target.taskId))?.state.status ?? 'gone';

/** What each command does, in the table's words. `before` is the state it met. */
const apply: Record<string, (target: TaskClaim, before: string) => Promise<string>> = {
  'claim-task': async (target) => {
    const wish = { ...target, token: 'new', workerId: 'w' };
    return (await claimTask(ledger, wish)).claimed ? statusOf(target) : 'miss';
  },
  'heartbeat-task': async (target) => {
    const answer = await heartbeatTask(ledger, target, 1_000);
    // A swarm that has ended answers `cancel`: stop as well, for another reason.
    return answer === 'cancel' ? 'fenced' : answer;
  },
  'note-model-wait': (target) =>
    noteModelWait(ledger, target, { number: 1, waitMs: 60_000, reason: 'Busy.' }).then(() => 'ok', fenced),
  'append-journal': (target) =>
    appendJournal(ledger, target, 0, { kind: 'turn.requested', turn: 1, attempt: 1 }).then(
      () => 'ok',
      fenced,
    ),
  'append-journal (budget used up)': (target) =>
    appendJournal(
      ledger,
      target,
      0,
      { kind: 'turn.requested', turn: 1, attempt: 1 },
      { usage: { ...NO_USAGE, outputTokens: BUDGET } },
    ).then(() => statusOf(target), fenced),
  'store-artifact': (target) => {
    const file = { path: 'a.txt', mode: 0o644, content: Buffer.from(target.swarmId) };
    return storeArtifact(ledger, target, file, false).then(() => 'ok', fenced);
  },
  'complete-tasks': (target, before) =>
    completeTask(ledger, target, result('y'), {}).then(
      () => (before === 'completed' ? 'same' : 'completed'),
      fenced,
    ),
  'fail-task': (target, before) =>
    fail(target, true).then(
      ({ taskStatus }) =>
        taskStatus === before ? 'same' : taskStatus === 'retrying' ? 'retrying or failed' : taskStatus,
      fenced,
    ),
  'release-task': (target) => releaseTask(ledger, target, 'the test').then(() => statusOf(target), fenced),
  'reclaim-task (lease ended)': async (target) =>
    (await reclaimTask(ledger, target)) === undefined ? 'no' : 'retrying or failed',
  // As if it had been missed since a moment after its last renewal.
  'reclaim-task (worker gone)': async (target) =>
    (await reclaimTask(ledger, { ...target, missedAt: Date.now() + 120_000 })) === undefined
      ? 'no'
      : 'retrying or failed',
  'try-apart': (target) => tryApart(ledger, target).then(() => 'ok', fenced),
  'requeue-task': async (target) => {
    const requeued = await requeueTask(ledger, target);
    return requeued === undefined
      ? 'no'
      : `${await statusOf(target)}, attempt + ${requeued.attempt - target.attempt}`;
  },
  'assign-task': async (target) => {
    const { id } = await anAgent(target.swarmId);
    return assignTask(ledger, target.swarmId, target.taskId, id).then(() => statusOf(target), conflict);
  },
  'ask-approval': (target, before) =>
    askApproval(ledger, target, [WISH]).then((status) => (status === before ? 'same' : status), fenced),
  'wait-task': (target, before) =>
    waitTask(ledger, target, ['task_003']).then((status) => (status === before ? 'same' : status), fenced),
  'decide-approval': (target) => {
    const id = approvalId(target.taskId, WISH);
    const wish = { approvalId: id, decision: 'approved', decidedBy: 'tester' } as const;
    return decideApproval(ledger, target.swarmId, wish).then(
      () => statusOf(target),
      (error: unknown) => {
        if (error instanceof ClaudeFlowError && error.code === 'approval_not_found') return '404';
        throw error;
      },
    );
  },
  'cancel-task': ({ swarmId, taskId }) =>
    cancelTask(ledger, swarmId, taskId).then(({ changed }) => (changed ? 'cancelled' : 'same'), conflict),
  'retry-task': ({ swarmId, taskId }) =>
    retryTask(ledger, swarmId, taskId).then(({ taskStatus }) => taskStatus, conflict),
};

const cells = Object.keys(apply).flatMap((command) =>
  Object.keys(reach).map((state) => [command, state] as const),
);

test('the documented table has exactly these commands and states', () => {
  expect([...table.keys()]).toEqual(Object.keys(apply));
  for (const row of table.values()) expect([...row.keys()]).toEqual(Object.keys(reach));
});

test.each(cells)('%s on a task that is %s', async (command, state) => {
  const endsLease = command === 'reclaim-task (lease ended)' && state === 'running';
  const target = endsLease ? await running(1) : await (reach[state] as () => Promise<TaskClaim>)();
  if (endsLease) {
    await waitFor(async () => (await observeSwarm(ledger, target.swarmId, 0)).expired.length > 0, {
      deadlineMs: 5_000,
      everyMs: 2,
      what: 'the lease ends',
    });
  }
  expect(await statusOf(target)).toBe(state);
  const before = await getSwarm(ledger, target.swarmId);
  const outcome = await (apply[command] as (target: TaskClaim, before: string) => Promise<string>)(
    target,
    state,
  );
  expect(outcome).toBe(table.get(command)?.get(state));
  if (['miss', 'fenced', 'no', 'same', '404'].includes(outcome)) {
    expect(await statusOf(target)).toBe(state);
    expect(await getSwarm(ledger, target.swarmId)).toEqual(before);
  }
});
