import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import type { ClaudeFlowClient } from 'claude-flow/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mockControl } from './support/mock-control.ts';
import { allEvents, clientOf, completed, taskWhere } from './support/swarm.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 1, model: { kind: 'mock', latencyMs: 50 } });
});
afterAll(() => stack?.stop());

const pending = async (client: ClaudeFlowClient, swarmId: string) =>
  (await client.listApprovals(swarmId, { status: 'pending' })).approvals;

/** Jobs that workers have at hand. */
async function jobsAtHand(): Promise<number> {
  const answer = await fetch(`${stack.apiUrls[0]}/admin/queues/api/queues?activeQueue=task`);
  const { queues } = (await answer.json()) as { queues: { name: string; counts: { active: number } }[] };
  return queues.find((queue) => queue.name === 'task')?.counts.active ?? Number.NaN;
}

test('an agent asks before it writes: nothing runs until a person decides, a lost worker loses nothing, no turn is paid twice', async () => {
  const client = clientOf(stack.apiUrls[0]);
  const coding = {
    type: 'coding',
    agentType: 'coder',
    requirements: { permissions: ['read', 'write'] as ('read' | 'write')[] },
  } as const;
  const description = 'Write this part of the service completely.';
  const { swarmId } = await client.createSwarm('Build a REST API for user management', {
    autoStart: true,
    options: { toolPolicy: { write_file: 'ask' } },
    tasks: [
      { key: 'a', name: 'Implement the service', description, ...coding },
      { key: 'b', name: 'Implement the rest', description, dependencies: ['a'], ...coding },
    ],
  });
  const waiting = await taskWhere(client, swarmId, 'a task waits', (task) => task.status === 'waiting');
  expect(waiting.waiting).toMatchObject({ for: 'approval', message: expect.stringContaining('approval') });
  expect((await pending(client, swarmId)).map(({ id }) => id)).toEqual(
    expect.arrayContaining(waiting.waiting?.ids ?? []),
  );
  await waitFor(async () => (await jobsAtHand()) === 0, { deadlineMs: 10_000, what: 'no worker has a job' });

  // The worker is lost, and another one comes: it finds nothing to do here, and does the work of others.
  const [lost] = stack.workers;
  await lost?.kill('SIGKILL');
  await stack.startWorker();
  const other = await client.createSwarm('Something else meanwhile', {
    autoStart: true,
    tasks: [{ key: 'x', name: 'Other task', description: 'Write something short.', agentType: 'coder' }],
  });
  await completed(client, other.swarmId);
  const still = (await client.getTask(swarmId, waiting.id.id)).task;
  expect(still).toMatchObject({ status: 'waiting', attempt: 1, failures: 0, turns: waiting.turns });

  const decided = new Set<string>();
  await waitFor(
    async () => {
      for (const { id } of await pending(client, swarmId)) {
        const { data } = await client.decideApproval(swarmId, id, 'approve', { note: 'Fine.' });
        expect(data).toMatchObject({ status: 'approved', note: 'Fine.' });
        decided.add(id);
      }
      return (await client.getSwarmStatus(swarmId)).data.status !== 'executing';
    },
    { deadlineMs: 60_000, everyMs: 50, what: 'the swarm to end' },
  );
  await completed(client, swarmId);

  const events = await allEvents(client, swarmId);
  const count = (type: string) => events.filter((event) => event.type === type).length;
  expect(count('approval.requested')).toBe(decided.size);
  expect(count('approval.decided')).toBe(decided.size);
  expect(count('task.completed')).toBe(2);
  expect(count('task.retrying')).toBe(0);
  expect((await client.listApprovals(swarmId)).approvals.every(({ status }) => status === 'approved')).toBe(
    true,
  );
  const written = (await client.listArtifacts(swarmId)).artifacts.filter(({ path }) => path !== '');
  expect(written.length).toBeGreaterThan(0);
  const { repeatedPrefixes, calls, completed: answered } = await mockControl(stack.mockUrl).stats();
  expect(repeatedPrefixes).toBe(0);
  expect(calls).toBe(answered);
});
