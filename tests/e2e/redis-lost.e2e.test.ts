import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { ClaudeFlowApiError } from 'claude-flow/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOf, completed, taskWhere } from './support/swarm.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 1, model: { kind: 'mock', latencyMs: 100 } });
});
afterAll(() => stack?.stop());

test('Redis lost in the middle: 503 with a time to come back, then everything goes on without a restart', async () => {
  const url = stack.apiUrls[0];
  const client = clientOf(url);
  const { swarmId } = await client.createSwarm('Build a REST API for bird sightings', {
    strategy: 'development',
    autoStart: true,
  });
  await taskWhere(client, swarmId, 'a task runs', (task) => task.status === 'running');
  await stack.redis?.kill();

  const answer = await waitFor(
    async () => {
      const response = await fetch(`${url}/api/swarm/${swarmId}`);
      return response.status === 503 ? response : undefined;
    },
    { deadlineMs: 5_000, what: 'the API says that Redis is away' },
  );
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const problem = (await answer.json()) as Record<string, unknown>;
  expect(String(problem['message'])).not.toBe('');
  const create = await fetch(`${url}/api/swarm/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ objective: 'This cannot be accepted now' }),
  });
  expect(create.status).toBe(503);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/api/health`)).status).toBe(200);

  await stack.redis?.restart();
  await completed(client, swarmId, 90_000);
  for (const process of [...stack.apis, ...stack.schedulers, ...stack.workers])
    expect(process.running).toBe(true);
  const { swarmId: next } = await client.createSwarm('Another one after the storm', {
    autoStart: true,
    tasks: [{ key: 'a', name: 'Only task', description: 'Write something short.' }],
  });
  await completed(client, next);
});

test('an unknown swarm is 404 for a client, in a sentence', async () => {
  const asked = clientOf(stack.apiUrls[0]).getSwarmStatus('swarm_nothing_000000000');
  await expect(asked).rejects.toBeInstanceOf(ClaudeFlowApiError);
  await expect(asked).rejects.toMatchObject({ status: 404 });
});
