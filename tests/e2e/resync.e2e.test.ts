import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { ClaudeFlowApiError, type Resync, type SwarmEvent, SwarmMonitor } from 'claude-flow/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allEvents, clientOf, completed, eventsSoFar, upTo } from './support/swarm.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ workers: 1, model: { kind: 'mock', latencyMs: 200 } });
});
afterAll(() => stack?.stop());

async function appendOnlyFile(): Promise<string> {
  const folder = join(stack.redis?.dataDir ?? '', 'appendonlydir');
  const name = (await readdir(folder)).find((file) => file.endsWith('.incr.aof'));
  if (name === undefined) throw new Error('the private Redis keeps no append-only file');
  return join(folder, name);
}

test('Redis loses the tail of its data: clients are told, and end with one whole history', async () => {
  const url = stack.apiUrls[0];
  const client = clientOf(url);
  const { swarmId } = await client.createSwarm('Two opinions and a decision', {
    tasks: [
      { key: 'for', name: 'The case for', description: 'Argue for it, in one page.', agentType: 'analyst' },
      { key: 'end', name: 'The decision', description: 'Weigh it and decide.', dependencies: ['for'] },
    ],
  });
  const kept = (await eventsSoFar(url, swarmId)).length;
  const aof = await appendOnlyFile();
  const { size } = await stat(aof);

  const monitor = new SwarmMonitor(url ?? '');
  const live: number[] = [];
  const resyncs: Resync[] = [];
  monitor.on('swarm_event', ({ seq }) => void live.push(seq));
  monitor.on('resync_required', (resync) => {
    resyncs.push(resync);
    live.length = 0;
  });
  monitor.subscribe(swarmId);
  monitor.connect();
  await client.startSwarm(swarmId);
  await waitFor(() => live.length > kept + 2, { deadlineMs: 20_000, what: 'a task to be at work' });
  const last = (await eventsSoFar(url, swarmId)).at(-1) as SwarmEvent;

  await stack.redis?.kill('SIGKILL');
  await truncate(aof, size);
  await stack.redis?.restart();
  await waitFor(() => resyncs.length > 0, { deadlineMs: 20_000, what: 'the monitor to be told' });
  expect(resyncs[0]).toMatchObject({ swarmId, firstSeq: 1, seq: kept });

  // The streams are back before the connection for requests may be: a start that is refused with 503 is asked for again.
  await waitFor(
    () =>
      client.startSwarm(swarmId).then(
        () => true,
        (error: unknown) => error instanceof ClaudeFlowApiError && error.status === 409,
      ),
    { deadlineMs: 20_000, what: 'the API to take the start' },
  );
  const details = await completed(client, swarmId);
  await waitFor(() => live.at(-1) === details.lastEvent, {
    deadlineMs: 10_000,
    what: 'the last event, live',
  });
  expect(live).toEqual(upTo(details.lastEvent));
  monitor.close();

  // One that comes back only now, with a number that exists again and means something else.
  const later: SwarmEvent[] = [];
  const told: Resync[] = [];
  const from = { after: last.seq, epoch: last.epoch, onResync: (resync: Resync) => void told.push(resync) };
  for await (const event of client.events(swarmId, from)) later.push(event);
  expect(told).toMatchObject([{ swarmId, firstSeq: 1, seq: details.lastEvent }]);
  expect(later).toEqual(await allEvents(client, swarmId));
}, 90_000);
