import { startTestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claimAll,
  DIAMOND,
  eventLines,
  graph,
  newSwarm,
  openLedger,
  plan,
  result,
} from '../../test/ledger-fixture.ts';
import { assignTask, listAgents, spawnAgent, terminateAgent } from './agents.ts';
import { type Completion, completeTask } from './completions.ts';
import { readEvents } from './events.ts';
import type { Ledger } from './ledger.ts';
import { observeSwarm } from './observations.ts';
import { getSwarm, pauseSwarm, startSwarm, stopSwarm } from './swarms.ts';
import { getTask } from './task-reads.ts';
import { dispatchTasks, heartbeatTask, reclaimTask, type TaskClaim } from './tasks.ts';

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

const CHAIN = { a: [], b: ['a'], c: ['b'] };
/** Enough rounds for both orders of two commands that are sent together. */
const ROUNDS = 20;

async function firstClaimed(edges: Record<string, string[]>, swarm = {}): Promise<TaskClaim> {
  const swarmId = await newSwarm(ledger, swarm);
  await plan(ledger, swarmId, graph(edges));
  await startSwarm(ledger, swarmId);
  const [claim] = await claimAll(ledger, swarmId);
  if (claim === undefined) throw new Error('nothing was claimed');
  return claim;
}

let tokens = 0;
function wish({ places = 1, leaseMs = 10_000 } = {}) {
  tokens += 1;
  return { token: `handed-${tokens}`, workerId: 'worker-1', places, leaseMs };
}

const complete = (claim: TaskClaim, handOver = wish()) =>
  completeTask(ledger, claim, result('x'), {}, handOver);

/** The ids of the tasks handed over. */
const handed = ({ handedOver }: Completion) => handedOver.map(({ claim }) => claim.taskId);

const stateOf = async (swarmId: string, taskId: string) =>
  (await getTask(ledger, swarmId, taskId))?.state ?? expect.fail(`no ${taskId}`);

async function expectGapFree(swarmId: string): Promise<void> {
  const seqs = (await readEvents(ledger, swarmId, 0, 10_000)).map((event) => event.seq);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  expect((await getSwarm(ledger, swarmId))?.seq).toBe(seqs.length);
}

test('a completion hands tasks over, one a place; the join goes to whoever ends last', async () => {
  const first = await firstClaimed(DIAMOND);
  const { swarmId } = first;
  const asked = wish({ places: 2 });
  const answer = await complete(first, asked);
  expect(answer).toMatchObject({ swarmStatus: 'executing', freed: 2, more: false });
  expect(handed(answer)).toEqual(['task_002', 'task_003']);
  const [second, third] = answer.handedOver;
  expect(second?.claim).toEqual({ swarmId, taskId: 'task_002', attempt: 1, token: asked.token });
  expect(second?.spec.name).toBe('Task b');
  expect(await stateOf(swarmId, 'task_002')).toEqual(second?.state);
  expect(third?.state).toMatchObject({ status: 'running', workerId: 'worker-1' });
  const lines = await eventLines(ledger, swarmId);
  expect(
    lines.slice(lines.indexOf('task.completed task_001')).filter((line) => line.startsWith('task')),
  ).toEqual([
    'task.completed task_001',
    'task.assigned task_002',
    'task.assigned task_003',
    'task.started task_002',
    'task.started task_003',
  ]);
  if (second === undefined || third === undefined) expect.fail();
  expect(await heartbeatTask(ledger, second.claim)).toBe('ok');
  expect(handed(await complete(second.claim))).toEqual([]);
  expect(handed(await complete(third.claim))).toEqual(['task_004']);
  expect(await dispatchTasks(ledger, swarmId, 100)).toEqual({ queued: [] });
  await expectGapFree(swarmId);
});

test('a chain is handed over to its end, which ends the swarm; its one agent did it all', async () => {
  let held = await firstClaimed(CHAIN);
  const { swarmId } = held;
  for (const taskId of ['task_002', 'task_003']) {
    const answer = await complete(held);
    expect(handed(answer)).toEqual([taskId]);
    held = answer.handedOver[0]?.claim ?? expect.fail();
  }
  expect(await complete(held)).toMatchObject({
    swarmStatus: 'completed',
    freed: 0,
    handedOver: [],
    more: false,
  });
  expect(await getSwarm(ledger, swarmId)).toMatchObject({ status: 'completed', counts: { completed: 3 } });
  expect(await listAgents(ledger, swarmId)).toMatchObject([{ tasksCompleted: 3, status: 'terminated' }]);
  await expectGapFree(swarmId);
});

test('without a wish nothing goes on, and the answer says that it could', async () => {
  const first = await firstClaimed(DIAMOND);
  const answer = await completeTask(ledger, first, result('x'), {});
  expect(answer).toEqual({ swarmStatus: 'executing', freed: 2, handedOver: [], more: true });
  expect((await stateOf(first.swarmId, 'task_002')).status).toBe('ready');
});

test('the limits of the swarm hold: one at a time, and no more agents than it may have', async () => {
  const lone = await firstClaimed({ a: [], b: ['a'], c: ['a'] }, { parallel: false });
  const answer = await complete(lone, wish({ places: 9 }));
  expect(answer).toMatchObject({ handedOver: [{ claim: { taskId: 'task_002' } }], more: false });
  const two = await firstClaimed({ a: [], b: ['a'], c: ['a'], d: ['a'] }, { maxAgents: 2 });
  expect(handed(await complete(two, wish({ places: 9 })))).toEqual(['task_002', 'task_003']);
  expect((await stateOf(two.swarmId, 'task_004')).status).toBe('ready');
  expect((await listAgents(ledger, two.swarmId)).filter((agent) => agent.status === 'busy')).toHaveLength(2);
});

test('a wider fan-out than there are places stays ready, and the answer says so', async () => {
  const first = await firstClaimed({ a: [], b: ['a'], c: ['a'], d: ['a'] });
  const answer = await complete(first, wish({ places: 2 }));
  expect(answer.more).toBe(true);
  expect(handed(answer)).toEqual(['task_002', 'task_003']);
  const { queued } = await dispatchTasks(ledger, first.swarmId, 100);
  expect(queued.map(({ taskId }) => taskId)).toEqual(['task_004']);
});

test('a task kept for a busy agent is not handed over; the next one in order is', async () => {
  const first = await firstClaimed({ a: [], long: [], b: ['a'], c: ['a'] });
  const busy = (await stateOf(first.swarmId, 'task_002')).agentId ?? expect.fail();
  await assignTask(ledger, first.swarmId, 'task_003', busy);
  expect(handed(await complete(first))).toEqual(['task_004']);
  expect((await stateOf(first.swarmId, 'task_003')).status).toBe('ready');
});

test('what was ready before goes first, by priority, when the pool was full', async () => {
  const swarmId = await newSwarm(ledger, { maxAgents: 1 });
  const [a, b, c] = graph({ a: [], b: ['a'], c: [] });
  if (a === undefined || b === undefined || c === undefined) throw new Error('the graph has three tasks');
  await plan(ledger, swarmId, [
    { ...a, priority: 4 },
    { ...b, priority: 3 },
    { ...c, priority: 2 },
  ]);
  await startSwarm(ledger, swarmId);
  const [first] = await claimAll(ledger, swarmId);
  const [second] = (await complete(first ?? expect.fail())).handedOver;
  if (second === undefined) expect.fail();
  expect(second.claim.taskId).toBe('task_002');
  expect(handed(await complete(second.claim))).toEqual(['task_003']);
});

test('a completion sent again answers the same tasks, and changes nothing', async () => {
  const first = await firstClaimed(DIAMOND);
  const asked = wish({ places: 2, leaseMs: 60_000 });
  const once = await complete(first, asked);
  const before = await eventLines(ledger, first.swarmId);
  const again = await complete(first, asked);
  expect(again.handedOver).toEqual(once.handedOver);
  expect(handed(again)).toEqual(['task_002', 'task_003']);
  expect(await eventLines(ledger, first.swarmId)).toEqual(before);
  expect(handed(await complete(first, wish()))).toEqual([]);
});

test('a hand-over whose answer was lost is reclaimed, and late news of it is refused', async () => {
  const first = await firstClaimed(CHAIN);
  const { swarmId } = first;
  const asked = wish({ leaseMs: 1 });
  const lost = (await complete(first, asked)).handedOver[0]?.claim ?? expect.fail();
  await waitFor(async () => (await observeSwarm(ledger, swarmId, 0)).expired.length > 0, {
    deadlineMs: 5_000,
    everyMs: 2,
    what: 'the lease ends',
  });
  expect(await reclaimTask(ledger, lost)).toBe('retrying');
  expect(handed(await complete(first, asked))).toEqual([]);
  const [second] = await claimAll(ledger, swarmId);
  expect(second).toMatchObject({ taskId: 'task_002', attempt: 2 });
  await expect(complete(lost)).rejects.toMatchObject({ code: 'fenced' });
  expect(handed(await complete(second ?? expect.fail()))).toEqual(['task_003']);
  await expectGapFree(swarmId);
});

test('race: a hand-over against stop leaves nothing running', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await firstClaimed(CHAIN);
    const stop = () => stopSwarm(ledger, first.swarmId, { reason: 'stopped', message: 'm' });
    const pair = round % 2 === 0 ? [complete(first), stop()] : [stop(), complete(first)];
    const [done] = (await Promise.allSettled(pair)).filter(({ status }) => status === 'rejected');
    if (done !== undefined) expect(done).toMatchObject({ reason: { code: 'fenced' } });
    const swarm = await getSwarm(ledger, first.swarmId);
    expect(swarm?.status).toBe('stopped');
    expect(
      Object.keys(swarm?.counts ?? {}).filter((status) => !['completed', 'cancelled'].includes(status)),
    ).toEqual([]);
    await expectGapFree(first.swarmId);
  }
});

test('race: a hand-over against pause is before it, and then suspended, or does not happen', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await firstClaimed(CHAIN);
    const asked = wish();
    const send = [() => complete(first, asked), () => pauseSwarm(ledger, first.swarmId)];
    if (round % 2 === 1) send.reverse();
    // Both orders for certain, then whatever comes.
    if (round < 2) for (const command of send) await command();
    else await Promise.all(send.map((command) => command()));
    const next = await stateOf(first.swarmId, 'task_002');
    seen.add(next.status);
    if (next.status === 'running') {
      const claim = { swarmId: first.swarmId, taskId: next.id, attempt: next.attempt, token: asked.token };
      expect(await heartbeatTask(ledger, claim)).toBe('pause');
    } else {
      expect(next).toMatchObject({ status: 'ready', attempt: 0 });
    }
    expect((await getSwarm(ledger, first.swarmId))?.status).toBe('paused');
  }
  expect(seen).toEqual(new Set(['running', 'ready']));
});

test('race: a hand-over against the end of its agent is done by one agent, once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await firstClaimed(CHAIN);
    const { swarmId } = first;
    const agentId = (await stateOf(swarmId, 'task_001')).agentId ?? expect.fail();
    await spawnAgent(ledger, swarmId, { type: 'coder' });
    const send = [() => complete(first), () => terminateAgent(ledger, swarmId, agentId)];
    if (round % 2 === 1) send.reverse();
    await Promise.allSettled(send.map((command) => command()));
    const task = await stateOf(swarmId, 'task_001');
    const next = await stateOf(swarmId, 'task_002');
    // The agent went first: its task is to be done again. Or it had ended it, and gave back the one after.
    expect(['ready blocked', 'completed ready']).toContain(`${task.status} ${next.status}`);
    const agents = await listAgents(ledger, swarmId);
    expect(agents.map((agent) => agent.status).sort()).toEqual(['idle', 'terminated']);
    await expectGapFree(swarmId);
  }
});

test('race: of the two tasks before a join, the last to end is handed it, and only that one', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await firstClaimed(DIAMOND);
    const { handedOver } = await complete(first, wish({ places: 2 }));
    const both = await Promise.all(handedOver.map(({ claim }) => complete(claim)));
    expect(both.flatMap(handed)).toEqual(['task_004']);
  }
});
