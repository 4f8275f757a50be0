import { rmSync } from 'node:fs';
import { ClaudeFlowClient } from 'claude-flow/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, type Ground, startCluster, startGround } from './harness/cluster.ts';
import { castSpell, LONG_TEXT, misbehave, SPELL_NAMES } from './harness/model.ts';
import { OWNER_KEY } from './harness/owners.ts';
import { SHORT_CALLS } from './harness/short-calls.ts';
import { runSwarm } from './modes/run-swarm.ts';
import { createRandom } from './random.ts';
import { describeVerdict, newHistory, verdictOf } from './verdict.ts';
import { smallSwarm } from './workloads.ts';

const history = newHistory('model', 1);
let ground: Ground;
let cluster: Cluster;
beforeAll(async () => {
  ground = await startGround({ latencyMs: 5, seed: 1 });
  cluster = await startCluster({ ground, history, nodeArgs: { worker: SHORT_CALLS } });
});
afterAll(async () => {
  await cluster?.remove();
  await ground?.stop();
  rmSync(history.path, { force: true });
});

test.each(SPELL_NAMES.map((name, index) => [name, index + 1] as const))(
  '%s: the swarm completes, and no attempt is spent',
  async (name, number) => {
    await castSpell(cluster, name, createRandom(number), 2);
    const swarmId = await runSwarm(cluster, number, smallSwarm(name));
    const mine = history.entries.filter((entry) => !('swarmId' in entry) || entry.swarmId === swarmId);
    const verdict = verdictOf('model', number, { ...history, entries: mine });
    expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
    const final = mine.findLast((entry) => entry.kind === 'final');
    expect(final?.status).toBe('completed');
    expect(final?.log.filter(({ type }) => type === 'task.retrying')).toEqual([]);
  },
);

test('results at great length come back whole, and the tasks that depend on them go on', async () => {
  await misbehave(cluster, [{ respond: { text: LONG_TEXT } }]);
  const swarmId = await runSwarm(cluster, SPELL_NAMES.length + 1, smallSwarm('a great length'));
  const client = new ClaudeFlowClient(cluster.of('api')[0]?.url ?? '', { apiKey: OWNER_KEY });
  const { status, results } = await client.getResults(swarmId);
  expect(status).toBe('completed');
  expect(Object.values(results.outputs).map((output) => output === LONG_TEXT)).toEqual([true, true, true]);
});
