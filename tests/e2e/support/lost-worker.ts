import type { Stack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import type { ClaudeFlowClient, SwarmEvent } from 'claude-flow/client';
import { eventsSoFar } from './swarm.ts';

const SOON = { deadlineMs: 60_000, everyMs: 20 };

/** A started swarm of one task, whose model call hangs for as long as the offline model is told to. */
export async function oneTask(client: ClaudeFlowClient, objective: string): Promise<string> {
  const { swarmId } = await client.createSwarm(objective, {
    autoStart: true,
    tasks: [{ key: 'a', name: 'Only task', description: 'Write something short.', agentType: 'coder' }],
  });
  return swarmId;
}

export const startsOf = async (stack: Stack, swarmId: string): Promise<SwarmEvent[]> =>
  (await eventsSoFar(stack.apiUrls[0], swarmId)).filter((event) => event.type === 'task.started');

/** Waits for the start of an attempt that is not older than this. */
export function attemptStarted(stack: Stack, swarmId: string, attempt: number): Promise<SwarmEvent> {
  return waitFor(
    async () => (await startsOf(stack, swarmId)).find((event) => (event.attempt ?? 0) >= attempt),
    { ...SOON, what: `attempt ${attempt} of ${swarmId} to start` },
  );
}

/** The process that runs the newest attempt. */
export async function workerOf(stack: Stack, swarmId: string) {
  const id = String((await startsOf(stack, swarmId)).at(-1)?.data['workerId']);
  const worker = stack.workers.find((one) => one.running && one.name === id);
  if (worker === undefined) throw new Error(`there is no process of the worker ${id}`);
  return worker;
}
