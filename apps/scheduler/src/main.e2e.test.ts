import { enqueuePlan } from '@claude-flow/core/queue/dispatcher';
import { getSwarm, startSwarm, stopSwarm } from '@claude-flow/core/store/swarms';
import { type ManagedProcess, startProcess } from '@claude-flow/local-stack/processes/managed-process';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Bench, startBench } from './test/bench.ts';
import { type MockModel, startMockModel } from './test/mock-model.ts';
import { startReceiver } from './test/receiver.ts';

let bench: Bench;
let model: MockModel;
const processes: ManagedProcess[] = [];

beforeAll(async () => {
  [bench, model] = await Promise.all([startBench({ ownServer: true, durable: true }), startMockModel()]);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.stop()));
});
afterAll(async () => {
  await bench?.close();
  await model?.close();
});

const SOON = { deadlineMs: 30_000 };

async function scheduler(): Promise<ManagedProcess> {
  const child = startProcess({
    name: 'scheduler',
    entry: new URL('./main.ts', import.meta.url).pathname,
    env: {
      REDIS_URL: bench.server.url,
      REDIS_PREFIX: bench.server.prefix,
      ANTHROPIC_BASE_URL: model.url,
      HOST: '127.0.0.1',
      HEALTH_PORT: '0',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
  processes.push(child);
  await child.ready;
  return child;
}

/** A started swarm whose plan request was never sent: only the sweep can find it. */
async function forgottenSwarm(): Promise<string> {
  const swarmId = await bench.createSwarm();
  await startSwarm(bench.ledger, swarmId);
  return swarmId;
}
const executing = (swarmId: string) =>
  waitFor(async () => (await getSwarm(bench.ledger, swarmId))?.status === 'executing', {
    ...SOON,
    what: 'the swarm to execute',
  });

it('plans, tells its health, survives the loss of Redis and ends in order', async () => {
  const child = await scheduler();
  const health = (path: string) => fetch(`http://127.0.0.1:${child.ports.health}/${path}`);
  expect((await health('livez')).status).toBe(200);
  expect((await health('readyz')).status).toBe(200);
  await executing(await forgottenSwarm());
  expect(await (await health('metrics')).text()).toMatch(/sweep_verdicts_total\{.*plan-lost.*\} 1/);

  await bench.server.kill();
  await waitFor(async () => (await health('readyz')).status === 503, { ...SOON, what: 'unreadiness' });
  expect((await health('livez')).status).toBe(200);
  await bench.server.restart();
  const swarmId = await bench.createSwarm();
  await startSwarm(bench.ledger, swarmId);
  await enqueuePlan(bench, swarmId);
  await executing(swarmId);

  expect(await child.stop()).toEqual({ code: 0, signal: null });
});

it('ends also while Redis is away', async () => {
  const child = await scheduler();
  await bench.server.kill();
  try {
    await child.waitForLine((line) => line.includes('redis.away'), SOON.deadlineMs);
    const end = await child.stop(SOON.deadlineMs);
    expect(end.signal).toBeNull();
  } finally {
    await bench.server.restart();
  }
});

it('hands a plan at work to another process when it ends', async () => {
  await model.reset();
  await model.rules({ times: 1, respond: { hang: true } });
  const first = await scheduler();
  const swarmId = await forgottenSwarm();
  await waitFor(async () => (await model.calls()) === 1, { ...SOON, what: 'the first planning call' });
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  await scheduler();
  await executing(swarmId);
  expect(await getSwarm(bench.ledger, swarmId)).toMatchObject({ planSource: 'model' });
});

it('is killed while it delivers: the next one sends the same event again, and those behind it', async () => {
  // The first try is taken and never answered.
  const receiver = await startReceiver((_request, response, nth) => {
    if (nth > 1) response.end();
  });
  try {
    const webhook = { url: receiver.url, events: ['swarm.created', 'swarm.stopped'] } as const;
    const first = await scheduler();
    const swarmId = await bench.createPlanned({ a: [] }, { webhook });
    await stopSwarm(bench.ledger, swarmId, { reason: 'stopped', message: 'By the test.' });
    await waitFor(() => receiver.received.length === 1, { ...SOON, what: 'the first try' });
    first.kill('SIGKILL');
    await scheduler();
    await waitFor(() => receiver.received.length >= 3, { ...SOON, what: 'the rest' });
    const types = receiver.received.map(({ json }) => json.eventType);
    expect(types).toEqual(['swarm.created', 'swarm.created', 'swarm.stopped']);
  } finally {
    await receiver.close();
  }
});
