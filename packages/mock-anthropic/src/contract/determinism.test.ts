import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentTask } from './agent-loop.ts';
import { firstMessage, runAgentLoop, turnParams } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { startHarness } from './harness.ts';

let h: Harness;
let replica: Harness;
let other: Harness;
beforeAll(async () => {
  [h, replica, other] = await Promise.all([
    startHarness({ seed: 'a' }),
    startHarness({ seed: 'a' }),
    startHarness({ seed: 'b' }),
  ]);
});
afterAll(() => Promise.all([h, replica, other].map((each) => each.server.close())));

const TASK: AgentTask = { agentType: 'coder', objective: 'Build a chat application', name: 'Implement it' };

test('the same conversation gets the same answer, on every server of a seed', async () => {
  const [first, again, elsewhere] = [
    await runAgentLoop(h.client, TASK),
    await runAgentLoop(h.client, TASK),
    await runAgentLoop(replica.client, TASK),
  ];
  expect(again.messages).toEqual(first.messages);
  expect(elsewhere.messages).toEqual(first.messages);
});

test('another seed differs, at least in what it signs', async () => {
  const [here, there] = [await runAgentLoop(h.client, TASK), await runAgentLoop(other.client, TASK)];
  expect(there.messages).not.toEqual(here.messages);
});

test('a run that was interrupted anywhere continues the same way on another server', async () => {
  const whole = await runAgentLoop(h.client, TASK);
  for (let kept = 1; kept < whole.messages.length; kept += 2) {
    const answer = await replica.client.messages.create(turnParams(TASK, whole.messages.slice(0, kept)));
    expect(answer.content).toEqual(whole.messages[kept]?.content);
  }
});

test('a turn asked for twice counts as repeated, a refused one does not', async () => {
  const own = await startHarness();
  try {
    const params = turnParams(TASK, [{ role: 'user', content: firstMessage(TASK) }]);
    await own.rules({ respond: { status: 529 }, times: 1 });
    await expect(own.client.messages.create(params)).rejects.toThrow();
    await own.client.messages.create(params);
    expect((await own.stats()).repeatedPrefixes).toBe(0);
    await own.client.messages.stream(params).finalMessage();
    const stats = await own.stats();
    expect(stats).toMatchObject({
      calls: 3,
      completed: 2,
      repeatedPrefixes: 1,
      inFlight: 0,
      byAgentType: { coder: 3 },
    });
    expect(stats.inputTokens).toBeGreaterThan(0);
    await own.client.messages.create({ ...params, model: 'claude-opus-5-5' });
    expect((await own.stats()).repeatedPrefixes).toBe(1);
  } finally {
    await own.server.close();
  }
});
