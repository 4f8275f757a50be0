import { readJournal } from '@claude-flow/core/store/journal';
import { readLogs } from '@claude-flow/core/store/logs';
import { getSwarm } from '@claude-flow/core/store/swarms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { type ScriptedModel, say, startScriptedModel, submit, taskIdOf } from '../../test/scripted-model.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

async function scripted(reply: Parameters<typeof startScriptedModel>[0]): Promise<ScriptedModel> {
  const model = await startScriptedModel(reply);
  closers.push(() => model.close());
  await fixture.worker(model.url);
  return model;
}
const BROKEN = { content: [say('An answer that never en')], breakOff: true };
const estimates = async (swarmId: string) =>
  (await readLogs(fixture.ledger, swarmId, { limit: 100, level: 'warn' })).filter(({ message }) =>
    message.includes('reports no token usage'),
  );

describe('a call that failed after it told its usage', () => {
  it('is counted in task, swarm and event, and is no turn', async () => {
    let calls = 0;
    const model = await scripted(() => {
      calls += 1;
      return calls === 1 ? BROKEN : { content: [submit('Done')] };
    });
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(model.requests).toHaveLength(2);
    const counted = { inputTokens: 200, outputTokens: 51 };
    expect(await getSwarm(fixture.ledger, swarmId)).toMatchObject(counted);
    expect((await fixture.task(swarmId)).state).toMatchObject({ ...counted, turns: 1 });
    const events = await fixture.events(swarmId);
    const completed = events.find(({ type }) => type === 'task.completed');
    expect(completed?.data).toMatchObject({ ...counted, turns: 1 });
    expect(events.find(({ data }) => data['failed'] === true)?.data).toMatchObject({
      turn: 1,
      inputTokens: 100,
      reason: expect.stringContaining('broke off'),
    });
    const journal = await readJournal(fixture.ledger, swarmId, 'task_001');
    expect(journal.map(({ kind }) => kind)).toEqual([
      'pinned',
      'turn.requested',
      'turn.failed',
      'turn.requested',
      'turn.completed',
      'tool.finished',
    ]);
  });

  it('uses up the budget: no repetition begins', async () => {
    const model = await scripted(() => BROKEN);
    const swarmId = await fixture.swarm([{ maxRetries: 0 }], undefined, { budget: { maxTokens: 150 } });
    expect(await fixture.ended(swarmId)).toBe('failed');
    expect(model.requests).toHaveLength(2);
    expect(await getSwarm(fixture.ledger, swarmId)).toMatchObject({ reason: 'budget', inputTokens: 200 });
  });
});

describe('a server that does not report its usage', () => {
  it.each([
    ['no usage', null, 'all'],
    ['nothing but zeros', { input_tokens: 0, output_tokens: 0 }, 'all'],
    ['output only', { input_tokens: 0, output_tokens: 50 }, 'input'],
  ])(
    '%s reported: what is counted is an estimate, says so, and is told once',
    async (_what, usage, estimated) => {
      await scripted(() => ({ content: [submit('Done')], usage }));
      const swarmId = await fixture.swarm([{}, {}, {}]);
      expect(await fixture.ended(swarmId)).toBe('completed');
      const swarm = await getSwarm(fixture.ledger, swarmId);
      // Each request holds at least the system prompt.
      expect(swarm?.inputTokens).toBeGreaterThan(3 * 500);
      expect(swarm?.outputTokens).toBeGreaterThan(0);
      const { inputTokens = 0, outputTokens = 0 } = swarm ?? {};
      expect(swarm?.estimatedTokens).toBe(estimated === 'all' ? inputTokens + outputTokens : inputTokens);
      expect(await estimates(swarmId)).toHaveLength(1);
      const events = await fixture.events(swarmId);
      expect(events.find(({ type }) => type === 'task.progress')?.data).toMatchObject({ estimated: true });
      expect(events.find(({ type }) => type === 'task.completed')?.data).toMatchObject({ estimated: true });
    },
  );

  it('is held to the budget by the estimate', async () => {
    const model = await scripted((request) => ({
      content: taskIdOf(request) === 'task_001' ? [submit('Done')] : [say('...')],
      usage: { input_tokens: 0, output_tokens: 0 },
    }));
    const swarmId = await fixture.swarm([{}, { dependencies: ['task_001'] }], undefined, {
      budget: { maxTokens: 500 },
    });
    expect(await fixture.ended(swarmId)).toBe('failed');
    expect(model.requests).toHaveLength(1);
    expect(await getSwarm(fixture.ledger, swarmId)).toMatchObject({ reason: 'budget' });
  });

  it('says nothing of estimates when everything was reported', async () => {
    await scripted(() => ({ content: [submit('Done')] }));
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await getSwarm(fixture.ledger, swarmId))?.estimatedTokens).toBeUndefined();
    expect(await estimates(swarmId)).toEqual([]);
  });
});
