import { describe, expect, it } from 'vitest';
import { finishPlan } from './finish-plan.ts';
import { development } from './strategies/development.ts';

const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, costMicros: 70 };
const defaults = { timeoutMs: 300_000, maxRetries: 3 };
const plan = development.template('Build a REST API for user management');

describe('finishPlan', () => {
  it('gives ids in order, defaults, and the synthesis task at the end', () => {
    const stored = finishPlan({ plan, source: 'model', usage }, defaults);
    expect(stored.tasks.map((task) => task.id)).toEqual(
      plan.tasks.map((_, index) => `task_00${index + 1}`).concat(`task_00${plan.tasks.length + 1}`),
    );
    expect(stored.tasks.at(-1)).toMatchObject({
      agentType: 'synthesizer',
      name: 'Synthesis',
      type: 'custom',
      dependencies: ['task_006'],
    });
    expect(stored.tasks[4]).toMatchObject({ key: 'tests', dependencies: ['task_003', 'task_004'] });
    expect(stored.tasks[0]).toMatchObject({ priority: 3, timeoutMs: 300_000, maxRetries: 3 });
    expect(stored).toMatchObject({ source: 'model', degraded: false, usage, summary: plan.summary });
    expect(stored).not.toHaveProperty('degradedReason');
  });

  it('says why a template stands in', () => {
    const stored = finishPlan({ plan, source: 'template', degradedReason: 'No model.', usage }, defaults);
    expect(stored).toMatchObject({ source: 'template', degraded: true, degradedReason: 'No model.' });
  });

  it('adds no synthesis to a single task', () => {
    const single = { summary: 'One step', tasks: plan.tasks.slice(0, 1) };
    expect(finishPlan({ plan: single, source: 'model', usage }, defaults).tasks).toHaveLength(1);
  });
});
