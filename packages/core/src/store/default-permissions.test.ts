import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { callerTaskSchema } from '../contracts/caller-task.ts';
import { defaultPermissions } from '../domain/default-permissions.ts';
import { planToTasks } from '../domain/plan-to-tasks.ts';
import { ALL_AGENT_TYPES, TASK_TYPES } from '../domain/vocabulary.ts';
import { callerPlan } from './plans.ts';

const DEFAULTS = { timeoutMs: 1, maxRetries: 0 };
const draft = { key: 'a', name: 'A task', description: 'Do one more thing', priority: 'normal' as const };

test('who makes something may write, whatever the task is called; nobody may execute', () => {
  for (const agentType of [...ALL_AGENT_TYPES, 'of-a-program']) {
    for (const type of [...TASK_TYPES, 'of-a-program']) {
      expect(defaultPermissions(agentType, type)).toEqual(['read', 'write']);
    }
  }
});

test('a planned task and a caller’s own have the same permissions', async () => {
  for (const agentType of ALL_AGENT_TYPES) {
    const [planned] = planToTasks([{ ...draft, type: 'custom', agentType, dependsOn: [] }], DEFAULTS);
    expect(planned?.requirements.permissions).toEqual(defaultPermissions(agentType, 'custom'));
    if (agentType === 'synthesizer') continue;
    const [own] = (await callerPlan([callerTaskSchema.parse({ ...draft, agentType })], DEFAULTS)).tasks;
    expect(own?.requirements).toEqual(planned?.requirements);
  }
});

test('what a caller says counts, also nothing at all', async () => {
  for (const permissions of [[], ['read'], ['read', 'write', 'execute']]) {
    const task = callerTaskSchema.parse({ ...draft, requirements: { permissions } });
    expect((await callerPlan([task], DEFAULTS)).tasks[0]?.requirements.permissions).toEqual(permissions);
  }
});

test('the tasks of the example in README may all write', async () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const body = /-d '(\{\s*"objective": "Two greetings[\s\S]*?\})'\n/.exec(readme)?.[1] ?? '{}';
  const { tasks } = JSON.parse(body) as { tasks: unknown[] };
  expect(tasks).toHaveLength(3);
  const plan = await callerPlan(
    tasks.map((task) => callerTaskSchema.parse(task)),
    DEFAULTS,
  );
  for (const { requirements } of plan.tasks) expect(requirements.permissions).toContain('write');
});
