import { getResult } from '@claude-flow/core/store/task-reads';
import { startMockAnthropic } from '@claude-flow/mock-anthropic/server';
import { AWKWARD } from '@claude-flow/mock-anthropic/wire/awkward-ways';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, modelStats, openFixture, scenario } from '../../test/fixture.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

async function start(awkwardShare = 0) {
  const model = await startMockAnthropic({ awkwardShare });
  closers.push(() => model.close());
  await fixture.worker(model.url);
  return model;
}
/** The paths and sizes of what the task left. */
async function filesOf(swarmId: string): Promise<string[]> {
  const result = await getResult(fixture.ledger, swarmId, 'task_001');
  return (result?.artifacts ?? []).map(({ path, digest }) => `${path} ${digest}`);
}

describe('a server that answers well in an awkward way', () => {
  it.each(AWKWARD)(
    '%s: the result is the same, every turn is paid once, nothing is refused',
    async (awkward) => {
      const model = await start();
      const plain = await fixture.swarm([{}]);
      expect(await fixture.ended(plain)).toBe('completed');
      const before = await modelStats(model.url);
      await scenario(model.url, [{ respond: { awkward } }]);
      const swarmId = await fixture.swarm([{}]);
      expect(await fixture.ended(swarmId)).toBe('completed');
      expect(await filesOf(swarmId)).toEqual(await filesOf(plain));
      expect((await filesOf(swarmId)).length).toBeGreaterThan(0);
      const { state } = await fixture.task(swarmId);
      expect(state).toMatchObject({
        attempt: 1,
        failures: 0,
        turns: (await fixture.task(plain)).state.turns,
      });
      expect(
        state.inputTokens + (state.cacheReadTokens ?? 0) + (state.cacheWriteTokens ?? 0),
      ).toBeGreaterThan(0);
      const after = await modelStats(model.url);
      expect(after).toMatchObject({ calls: 2 * before.calls });
    },
  );

  it('by chance, in every way', async () => {
    await start(1);
    const swarmId = await fixture.swarm([{}, { dependencies: ['task_001'] }]);
    expect(await fixture.ended(swarmId)).toBe('completed');
  });

  it('a tool input that is not JSON is answered, and the agent goes on', async () => {
    const model = await start();
    await scenario(model.url, [{ times: 1, respond: { toolInput: '{"path": a.md}' } }]);
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect((await fixture.task(swarmId)).state).toMatchObject({ attempt: 1, failures: 0 });
  });
});
