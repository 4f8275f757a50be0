import type { Plan, PlannedTask } from '@claude-flow/core/contracts/plan';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { describe, expect, it } from 'vitest';
import { checkPlan, MAX_PLANNED_TASKS } from './check-plan.ts';
import { development } from './strategies/development.ts';

const limits = { maxTasks: MAX_PLANNED_TASKS, agentTypes: new Set<string>(AGENT_TYPES) };
const good = development.template('Build a REST API for user management');

function broken(change: (tasks: PlannedTask[]) => void): Plan {
  const plan = structuredClone(good);
  change(plan.tasks);
  return plan;
}
const first = (tasks: PlannedTask[]): PlannedTask => tasks[0] as PlannedTask;

describe('checkPlan', () => {
  it('finds nothing wrong with a good plan', () => {
    expect(checkPlan(good, limits)).toEqual([]);
  });

  const cases: [string, RegExp, (tasks: PlannedTask[]) => void][] = [
    ['no task', /no task/, (tasks) => tasks.splice(0)],
    [
      'a duplicate key',
      /Duplicate task key "architecture"/,
      (tasks) => {
        first(tasks).key = 'architecture';
      },
    ],
    ['an unknown dependency', /depends on "gone"/, (tasks) => first(tasks).dependsOn.push('gone')],
    [
      'a task that waits for itself',
      /depends on itself/,
      (tasks) => first(tasks).dependsOn.push('requirements'),
    ],
    ['a circle', /circle/, (tasks) => first(tasks).dependsOn.push('review')],
    [
      'a blank description',
      /has no description/,
      (tasks) => {
        first(tasks).description = '             ';
      },
    ],
    [
      'too short a description',
      /Task 1 .*description/,
      (tasks) => {
        first(tasks).description = 'Do it';
      },
    ],
    [
      'too long a description',
      /Task 1 .*description/,
      (tasks) => {
        first(tasks).description = 'x'.repeat(4001);
      },
    ],
    [
      'too short a name',
      /Task 1 .*name/,
      (tasks) => {
        first(tasks).name = 'a';
      },
    ],
    [
      'a blank name',
      /has no name/,
      (tasks) => {
        first(tasks).name = '    ';
      },
    ],
    [
      'too long a key',
      /key/,
      (tasks) => {
        first(tasks).key = 'k'.repeat(65);
      },
    ],
    [
      'too long an expected output',
      /expectedOutput/,
      (tasks) => {
        first(tasks).expectedOutput = 'x'.repeat(1001);
      },
    ],
    [
      'an agent type that does not exist',
      /agent type "wizard", which does not exist; use one of coordinator, coder/,
      (tasks) => {
        first(tasks).agentType = 'wizard' as PlannedTask['agentType'];
      },
    ],
    [
      'too many tasks',
      /31 tasks; at most 30/,
      (tasks) => {
        while (tasks.length < 31) tasks.push({ ...first(tasks), key: `more-${tasks.length}` });
      },
    ],
  ];
  it.each(cases)('finds %s', (_what, expected, change) => {
    expect(checkPlan(broken(change), limits).join('\n')).toMatch(expected);
  });

  it('names all faults at once, yet not without end', () => {
    const faults = checkPlan(
      broken((tasks) => {
        first(tasks).name = '';
        first(tasks).dependsOn.push('gone');
      }),
      limits,
    );
    expect(faults.length).toBeGreaterThanOrEqual(2);
    const many = broken((tasks) => {
      for (let i = 0; i < 24; i += 1)
        tasks.push({ ...first(tasks), key: `k${i}`, name: '', description: '' });
    });
    expect(checkPlan(many, limits)).toHaveLength(21);
  });
});
