import { EVENT_TYPES, type EventType } from '@claude-flow/core/contracts/swarm-event';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { strictEventData, swarmEvent } from '../src/relay/event-data-schema.ts';
import { diamondSwarm } from './bodies.ts';
import { openEventStream } from './event-stream.ts';
import { startMiniWorker } from './mini-worker.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

interface Frame {
  eventType: EventType;
  data: unknown;
}

/** Faults of what was really sent: fields that the description does not know, or that are not as it says. */
function undescribed(frames: readonly Frame[]): string[] {
  return frames.flatMap((frame) => {
    const whole = swarmEvent.safeParse(frame).error?.message ?? [];
    const data = strictEventData(frame.eventType).safeParse(frame.data).error?.message ?? [];
    return [whole, data].flat().map((fault) => `${frame.eventType}: ${fault}`);
  });
}
const eventsOf = async (swarmId: string): Promise<Frame[]> =>
  (await server.call(`/api/swarm/${swarmId}/events?limit=1000`)).json.events;
const command = (path: string, body?: object) => server.post(path, body);

test('a swarm that runs and completes: each event is as described, to the field', async () => {
  const { swarmId } = (await server.post('/api/swarm/create', diamondSwarm)).json;
  const worker = startMiniWorker(redis);
  try {
    const stream = await openEventStream(server.api.url, swarmId);
    await command(`/api/swarm/${swarmId}/start`);
    await stream.ended();
  } finally {
    await worker.stop();
  }
  const events = await eventsOf(swarmId);
  expect(undescribed(events)).toEqual([]);
  expect(events.map(({ eventType }) => eventType)).toEqual(expect.arrayContaining(['swarm.completed']));
  const created = events.filter(({ eventType }) => eventType === 'task.created');
  expect(created.map(({ data }) => (data as { dependencies: unknown }).dependencies)).toEqual([
    [],
    ['task_001'],
    ['task_001'],
    ['task_002', 'task_003'],
  ]);
});

test('what commands do to a swarm is as described, too', async () => {
  const { swarmId } = (await server.post('/api/swarm/create', diamondSwarm)).json;
  const path = `/api/swarm/${swarmId}`;
  await command(`${path}/start`);
  const agent = (await command(`${path}/agents`, { type: 'coder' })).json.agentId;
  await command(`${path}/pause`);
  const task = { name: 'One more', description: 'Do one thing more', type: 'coding' };
  const alone = (await command(`${path}/tasks`, task)).json.taskId;
  const after = { ...task, dependencies: ['task_001'] };
  await command(`${path}/tasks`, after);
  await command(`${path}/resume`);
  await server.call(`${path}/tasks/${alone}`, { method: 'DELETE' });
  await command(`${path}/tasks/${alone}/retry`);
  await server.call(`${path}/tasks/task_001`, { method: 'DELETE' });
  await command(`${path}/tasks/task_001/retry`);
  await server.call(`${path}/agents/${agent}`, { method: 'DELETE' });
  await command(`${path}/stop`);
  const events = await eventsOf(swarmId);
  expect(undescribed(events)).toEqual([]);
  const types = new Set(events.map(({ eventType }) => eventType));
  for (const type of ['swarm.paused', 'swarm.resumed', 'swarm.stopped', 'task.retried', 'task.skipped'])
    expect(types).toContain(type);
});

test('every type has its schema in the description, told apart by eventType', async () => {
  const { schemas } = (await server.call('/openapi.json')).json.components;
  const { oneOf, discriminator } = schemas.SwarmEvent;
  expect(discriminator.propertyName).toBe('eventType');
  expect(Object.keys(discriminator.mapping)).toEqual([...EVENT_TYPES]);
  expect(oneOf).toHaveLength(EVENT_TYPES.length);
});
