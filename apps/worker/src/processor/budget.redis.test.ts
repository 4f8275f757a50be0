import { getSwarm } from '@claude-flow/core/store/swarms';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelRequest,
  startScriptedModel,
  submit,
  taskIdOf,
  turnsOf,
} from '../../test/scripted-model.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

async function scripted(reply: Parameters<typeof startScriptedModel>[0]) {
  const model = await startScriptedModel(reply);
  closers.push(() => model.close());
  return model;
}
const idle = (worker: { readonly running: number }) =>
  waitFor(() => worker.running === 0, { deadlineMs: 10_000, what: 'the worker to be idle' });
/** Something new each time: an agent that goes round in circles is ended for that. */
const look = (request: ModelRequest) => ({
  content: [call('look', 'write_file', { path: `${turnsOf(request)}.md`, content: 'x' })],
});

it('ends the swarm with the turn that uses it up: no agent pays for another, calls under way are cut off', async () => {
  // A turn is 150 tokens: the fourth of the first task is one too many. The second task hangs in its first.
  const model = await scripted((request) => (taskIdOf(request) === 'task_001' ? look(request) : 'hang'));
  const other = await fixture.worker(model.url);
  const worker = await fixture.worker(model.url);
  const swarmId = await fixture.swarm([{}, {}], undefined, { budget: { maxTokens: 550 } });
  expect(await fixture.ended(swarmId)).toBe('failed');
  await Promise.all([idle(worker), idle(other)]);

  expect(model.requests.filter((request) => taskIdOf(request) === 'task_001')).toHaveLength(4);
  expect(model.requests.length).toBeLessThanOrEqual(5);
  expect(model.abandoned).toBe(model.requests.length - 4);
  const swarm = await getSwarm(fixture.ledger, swarmId);
  expect(swarm).toMatchObject({ reason: 'budget', inputTokens: 400, outputTokens: 200 });
  const lines = await fixture.lines(swarmId);
  expect(lines.filter((line) => line === 'budget.warning')).toHaveLength(1);
  expect(lines.at(-1)).toBe('swarm.failed');
});

it('leaves what was completed, and other swarms, alone', async () => {
  const model = await scripted((request) =>
    taskIdOf(request) === 'task_001' || turnsOf(request) >= 8 ? { content: [submit('done')] } : look(request),
  );
  await fixture.worker(model.url);
  const graph = [{}, { dependencies: ['task_001' as const] }];
  const free = await fixture.swarm(graph, 'Do it without a limit');
  const limited = await fixture.swarm(graph, 'Do it within a limit', { budget: { maxTokens: 450 } });
  expect(await fixture.ended(limited)).toBe('failed');
  expect((await fixture.task(limited, 'task_001')).state.status).toBe('completed');
  expect((await fixture.task(limited, 'task_002')).state.status).toBe('cancelled');
  expect(await fixture.ended(free)).toBe('completed');
});

it('is not spent on a model whose price is not known, when it is in dollars', async () => {
  const model = await scripted(() => ({ content: [submit('done')] }));
  await fixture.worker(model.url, { CLAUDE_FLOW_MODEL: 'somebody-elses-model' });
  const swarmId = await fixture.swarm([{}], undefined, { budget: { maxCostMicros: 1_000_000 } });
  expect(await fixture.ended(swarmId)).toBe('failed');
  expect(model.requests).toHaveLength(0);
  const { state } = await fixture.task(swarmId);
  expect(state.errorMessage).toContain('the price of the model somebody-elses-model is not known');
  const counted = await fixture.swarm([{}], undefined, { budget: { maxTokens: 10_000 } });
  expect(await fixture.ended(counted)).toBe('completed');
});
