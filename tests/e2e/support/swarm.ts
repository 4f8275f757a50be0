import { waitFor } from '@claude-flow/testing/wait-for';
import {
  ClaudeFlowClient,
  eventOfMessage,
  type SwarmDetails,
  type SwarmEvent,
  type SwarmEventMessage,
  type TaskInfo,
} from 'claude-flow/client';

export const clientOf = (url: string | undefined): ClaudeFlowClient => clientWithKey(url, null);

export const clientWithKey = (url: string | undefined, apiKey: string | null): ClaudeFlowClient => {
  if (url === undefined) throw new Error('that API is not running');
  return new ClaudeFlowClient(url, apiKey);
};

/** Waits until a swarm has ended and gives its details. */
export function ended(client: ClaudeFlowClient, swarmId: string, deadlineMs = 60_000): Promise<SwarmDetails> {
  return waitFor(
    async () => {
      const { data } = await client.getSwarmStatus(swarmId);
      return data.status === 'completed' || data.status === 'failed' ? data : undefined;
    },
    { deadlineMs, everyMs: 100, what: `${swarmId} to end` },
  );
}

export async function completed(
  client: ClaudeFlowClient,
  swarmId: string,
  deadlineMs?: number,
): Promise<SwarmDetails> {
  const details = await ended(client, swarmId, deadlineMs);
  if (details.status !== 'completed') {
    const { tasks } = await client.getTasks(swarmId);
    const states = tasks.map((task) => `${task.id.id} ${task.status}`).join(', ');
    throw new Error(`${swarmId} ended ${details.status}: ${details.message} (${states})`);
  }
  return details;
}

/** All events of a swarm that has ended. */
export async function allEvents(client: ClaudeFlowClient, swarmId: string): Promise<SwarmEvent[]> {
  const events: SwarmEvent[] = [];
  for await (const event of client.events(swarmId)) events.push(event);
  return events;
}

/** Waits for a task that satisfies the condition. */
export function taskWhere(
  client: ClaudeFlowClient,
  swarmId: string,
  what: string,
  condition: (task: TaskInfo) => boolean,
): Promise<TaskInfo> {
  return waitFor(async () => (await client.getTasks(swarmId)).tasks.find(condition), {
    deadlineMs: 30_000,
    everyMs: 50,
    what,
  });
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** The events of a swarm up to now, without waiting for its end. */
export async function eventsSoFar(
  url: string | undefined,
  swarmId: string,
  apiKey?: string,
): Promise<SwarmEvent[]> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey };
  const answer = await fetch(`${url}/api/swarm/${swarmId}/events?after=0&limit=1000`, { headers });
  if (!answer.ok) throw new Error(`events: ${answer.status}`);
  const { events } = (await answer.json()) as { events: SwarmEventMessage[] };
  return events.map(eventOfMessage);
}
