import type { PlannedTask } from '@claude-flow/core/contracts/plan';
import { describe, expect, it } from 'vitest';
import { applyOptions, planOptions } from './apply-options.ts';
import { development } from './strategies/development.ts';
import { testing } from './strategies/testing.ts';

function task(key: string, type: PlannedTask['type'], dependsOn: string[] = []): PlannedTask {
  return {
    key,
    name: `Task ${key}`,
    description: `Do what ${key} says`,
    type,
    agentType: 'coder',
    priority: 'normal',
    dependsOn,
    expectedOutput: 'Something',
  };
}
const plan = (...tasks: PlannedTask[]) => ({ summary: 'A plan', tasks });

describe('planOptions', () => {
  it('reads only what concerns the plan', () => {
    expect(planOptions({ verbosity: 'high' }, development)).toEqual({
      includeTests: true,
      includeDocumentation: false,
    });
    expect(planOptions({ includeTests: false, includeDocumentation: true }, development)).toEqual({
      includeTests: false,
      includeDocumentation: true,
    });
    expect(planOptions({ includeTests: 'no', includeDocumentation: 'yes' }, development)).toEqual({
      includeTests: true,
      includeDocumentation: false,
    });
  });

  it('keeps the tests of a strategy that is about tests', () => {
    expect(planOptions({ includeTests: false }, testing).includeTests).toBe(true);
  });
});

describe('applyOptions', () => {
  it('drops test tasks and hands their dependencies down', () => {
    const { tasks } = applyOptions(
      plan(
        task('a', 'design'),
        task('b', 'coding', ['a']),
        task('t1', 'testing', ['b']),
        task('t2', 'testing', ['t1', 'a']),
        task('r', 'review', ['t2', 'b']),
      ),
      { includeTests: false, includeDocumentation: false },
    );
    expect(tasks.map((each) => [each.key, each.dependsOn])).toEqual([
      ['a', []],
      ['b', ['a']],
      ['r', ['b', 'a']],
    ]);
  });

  it('leaves a plan of nothing but tests alone', () => {
    const only = plan(task('t1', 'testing'), task('t2', 'testing', ['t1']));
    expect(applyOptions(only, { includeTests: false, includeDocumentation: false })).toEqual(only);
  });

  it('adds one documentation task after the leaves', () => {
    const { tasks } = applyOptions(
      plan(task('a', 'design'), task('b', 'coding', ['a']), {
        ...task('documentation', 'custom', ['a']),
        name: 'Glossary',
      }),
      { includeTests: true, includeDocumentation: true },
    );
    expect(tasks.at(-1)).toMatchObject({
      key: 'documentation-2',
      name: 'Documentation',
      dependsOn: ['b', 'documentation'],
    });
  });

  it('adds none where one is planned', () => {
    const planned = plan(task('a', 'coding'), { ...task('d', 'custom', ['a']), name: 'User guide' });
    expect(applyOptions(planned, { includeTests: true, includeDocumentation: true }).tasks).toHaveLength(2);
  });
});
