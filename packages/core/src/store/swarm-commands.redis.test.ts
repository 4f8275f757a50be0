import { readFileSync } from 'node:fs';
import { startTestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDocTable } from '../../test/doc-table.ts';
import {
  claimAll,
  graph,
  keysLeft,
  NO_USAGE,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { ClaudeFlowError } from '../domain/errors.ts';
import { addTask } from './add-task.ts';
import { assignTask, spawnAgent } from './agents.ts';
import { completeTask } from './completions.ts';
import type { Ledger } from './ledger.ts';
import { failPlan, storePlan } from './plans.ts';
import { deleteSwarm, getSwarm, pauseSwarm, resumeSwarm, startSwarm, stopSwarm } from './swarms.ts';
import { cancelTask } from './task-control.ts';
import { getTask } from './task-reads.ts';
import { dispatchTasks, failTask } from './tasks.ts';

const table = readDocTable(
  readFileSync(new URL('../../../../docs/architecture.md', import.meta.url), 'utf8'),
  'swarm-commands',
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

const ONE_TASK = () => graph({ a: [] }, { maxRetries: 0 });
const stop = (id: string) => stopSwarm(ledger, id, { reason: 'stopped', message: 'Stopped by the test.' });

async function executing(): Promise<string> {
  const id = await newSwarm(ledger);
  await plan(ledger, id, ONE_TASK());
  await startSwarm(ledger, id);
  return id;
}

/** How a swarm gets into each state, by the real commands. */
const reach: Record<string, () => Promise<string>> = {
  planning: () => newSwarm(ledger),
  'planning, start remembered': async () => {
    const id = await newSwarm(ledger);
    await startSwarm(ledger, id);
    return id;
  },
  ready: async () => {
    const id = await newSwarm(ledger);
    await plan(ledger, id, ONE_TASK());
    return id;
  },
  executing,
  paused: async () => {
    const id = await executing();
    await pauseSwarm(ledger, id);
    return id;
  },
  completed: async () => {
    const id = await executing();
    for (const one of await claimAll(ledger, id)) await completeTask(ledger, one, result('x'), {});
    return id;
  },
  failed: async () => {
    const id = await executing();
    const failure = { code: 'internal', message: 'x', retryable: false, delayMs: 0 } as const;
    for (const one of await claimAll(ledger, id)) await failTask(ledger, one, failure);
    return id;
  },
  stopped: async () => {
    const id = await executing();
    await stop(id);
    return id;
  },
};

const statusOf = async (id: string) => (await getSwarm(ledger, id))?.status ?? 'gone';
const one = () => {
  const [spec] = ONE_TASK();
  if (spec === undefined) throw new Error('no task');
  return spec;
};

/** One of its tasks; one that is added when there is none yet. */
async function aTask(id: string): Promise<string> {
  const [known] = await ledger.redis.hkeys(ledger.keys.swarm(id, 'tasks'));
  return known ?? addTask(ledger, id, one());
}

const conflict = (error: unknown) => {
  if (error instanceof ClaudeFlowError && error.code === 'swarm_state_conflict') return '409';
  throw error;
};

/** What each command does, in the table's words. */
const apply: Record<string, (id: string) => Promise<string>> = {
  // By a planner that comes late, not by the one whose plan may be stored already.
  'store-plan': (id) =>
    storePlan(ledger, id, 'late', {
      source: 'model',
      degraded: false,
      summary: 's',
      tasks: ONE_TASK(),
    }).catch(conflict),
  'fail-plan': (id) =>
    failPlan(ledger, id, 'late', { reason: 'model-rejected', message: 'No key.', usage: NO_USAGE }).catch(
      conflict,
    ),
  start: async (id) =>
    startSwarm(ledger, id).then((status) => (status === 'planning' ? 'remembered' : status), conflict),
  pause: async (id) =>
    pauseSwarm(ledger, id).then(({ changed }) => (changed ? statusOf(id) : 'same'), conflict),
  resume: async (id) =>
    resumeSwarm(ledger, id).then(({ changed }) => (changed ? statusOf(id) : 'same'), conflict),
  stop: async (id) => stop(id).then(({ status, changed }) => (changed ? status : 'same'), conflict),
  'delete-swarm': async (id) => {
    await deleteSwarm(ledger, id);
    return (await keysLeft(ledger, id)).length === 0 ? 'gone' : 'keys are left';
  },
  dispatch: async (id) => ((await dispatchTasks(ledger, id, 10)).queued.length > 0 ? 'dispatched' : '409'),
  'add-task': (id) => addTask(ledger, id, one()).then(() => 'added', conflict),
  'spawn-agent': (id) => spawnAgent(ledger, id, { type: 'coder' }).then(() => 'spawned', conflict),
  'assign-task': async (id) => {
    const agent = await spawnAgent(ledger, id, { type: 'coder' }).catch(() => ({ id: 'agent_001' }));
    return assignTask(ledger, id, await aTask(id), agent.id).then(
      ({ changed }) => (changed ? 'assigned' : 'same'),
      conflict,
    );
  },
  // Where it is the only task, and the plan is there, its swarm ends with it.
  'cancel-task': async (id) => {
    const taskId = await aTask(id);
    return cancelTask(ledger, id, taskId).then(
      async ({ changed }) =>
        changed ? ((await getTask(ledger, id, taskId))?.state.status ?? 'gone') : 'same',
      (error: unknown) =>
        error instanceof ClaudeFlowError && error.code === 'task_state_conflict' ? '409' : conflict(error),
    );
  },
};

const cells = Object.keys(apply).flatMap((command) =>
  Object.keys(reach).map((state) => [command, state] as const),
);

test('the documented table has exactly these commands and states', () => {
  expect([...table.keys()]).toEqual(Object.keys(apply));
  for (const row of table.values()) expect([...row.keys()]).toEqual(Object.keys(reach));
});

test.each(cells)('%s on a swarm that is %s', async (command, state) => {
  const id = await (reach[state] as () => Promise<string>)();
  const before = await getSwarm(ledger, id);
  const outcome = await (apply[command] as (id: string) => Promise<string>)(id);
  expect(outcome).toBe(table.get(command)?.get(state));
  const after = await getSwarm(ledger, id);
  // A refusal, or a command with nothing to do, leaves no trace: no change, no event.
  if (outcome === '409' || outcome === 'same') expect(after).toEqual(before);
});
