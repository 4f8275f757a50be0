import { describe, expect, it } from 'vitest';
import { atOnce } from './at-once.ts';
import { callerTasksToTasks, type DraftTask, planToTasks, withSynthesis } from './plan-to-tasks.ts';

const defaults = { timeoutMs: 300_000, maxRetries: 3 };

function draft(key: string, dependsOn: string[] = [], extra: Partial<DraftTask> = {}): DraftTask {
  return {
    key,
    name: `Task ${key}`,
    description: `Do what ${key} says`,
    type: 'coding',
    agentType: 'coder',
    priority: 'normal',
    dependsOn,
    ...extra,
  };
}

describe('planToTasks', () => {
  it('numbers tasks in the order given and maps dependencies to ids', () => {
    const tasks = planToTasks(
      [draft('a'), draft('b', ['a']), draft('c', ['a']), draft('d', ['b', 'c', 'b'])],
      defaults,
    );
    expect(tasks.map((task) => [task.id, task.key, task.sequence, task.dependencies])).toEqual([
      ['task_001', 'a', 1, []],
      ['task_002', 'b', 2, ['task_001']],
      ['task_003', 'c', 3, ['task_001']],
      ['task_004', 'd', 4, ['task_002', 'task_003']],
    ]);
  });

  it('moves a dependency that was written later in front of its dependant', () => {
    const tasks = planToTasks(
      [draft('d', ['b', 'c']), draft('x'), draft('c', ['a']), draft('b'), draft('a')],
      {
        ...defaults,
      },
    );
    expect(tasks.map((task) => task.key)).toEqual(['b', 'a', 'c', 'd', 'x']);
    const place = new Map(tasks.map((task, index) => [task.id, index]));
    for (const task of tasks) {
      for (const id of task.dependencies) expect(place.get(id)).toBeLessThan(place.get(task.id) ?? -1);
    }
  });

  it('gives defaults, and keeps what a task says itself', () => {
    const [plain, own] = planToTasks(
      [
        draft('plain', [], { priority: 'critical', expectedOutput: 'A file' }),
        draft('own', [], {
          timeoutMs: 5_000,
          maxRetries: 0,
          onFailure: 'continue',
          requirements: { capabilities: ['testing'], tools: [], permissions: ['read'] },
        }),
      ],
      defaults,
    );
    expect(plain).toMatchObject({
      priority: 4,
      expectedOutput: 'A file',
      onFailure: 'skip-dependents',
      timeoutMs: 300_000,
      maxRetries: 3,
      requirements: { capabilities: [], tools: [], permissions: ['read', 'write'] },
    });
    expect(own).toMatchObject({
      timeoutMs: 5_000,
      maxRetries: 0,
      onFailure: 'continue',
      requirements: { capabilities: ['testing'], tools: [], permissions: ['read'] },
    });
    expect(own).not.toHaveProperty('expectedOutput');
  });

  it('takes a chain of ten thousand tasks written backwards', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => draft(`t${i}`, i === 9_999 ? [] : [`t${i + 1}`]));
    const tasks = planToTasks(nodes, defaults);
    expect(tasks).toHaveLength(10_000);
    expect(tasks[0]?.key).toBe('t9999');
    expect(tasks[9_999]?.dependencies).toEqual(['task_9999']);
  });

  it('throws on a circle or an unknown key instead of losing tasks', () => {
    expect(() => planToTasks([draft('a', ['b']), draft('b', ['a'])], defaults)).toThrow(/circle/);
    expect(() => planToTasks([draft('a', ['gone'])], defaults)).toThrow(/gone/);
  });
});

describe('withSynthesis', () => {
  it('waits for every leaf', () => {
    const nodes = withSynthesis([draft('a'), draft('b', ['a']), draft('c', ['a'])]);
    expect(nodes.at(-1)).toMatchObject({
      key: 'synthesis',
      name: 'Synthesis',
      type: 'custom',
      agentType: 'synthesizer',
      dependsOn: ['b', 'c'],
    });
  });

  it('closes a single task too, and never reuses a key', () => {
    expect(withSynthesis([draft('only')]).at(-1)?.dependsOn).toEqual(['only']);
    expect(withSynthesis([draft('a'), draft('synthesis')]).at(-1)?.key).toBe('synthesis-2');
  });
});

describe('callerTasksToTasks', () => {
  it('adds no task and keeps the caller’s own limits', () => {
    const tasks = atOnce(
      callerTasksToTasks(
        [
          {
            key: 'a',
            name: 'First',
            description: 'Do the first thing',
            type: 'custom',
            agentType: 'specialist',
            priority: 'low',
            dependencies: [],
            timeout: 2_000,
            onFailure: 'fail-swarm',
          },
          {
            key: 'b',
            name: 'Second',
            description: 'Do the second thing',
            type: 'custom',
            agentType: 'specialist',
            priority: 'high',
            dependencies: ['a'],
          },
        ],
        defaults,
      ),
    );
    expect(tasks).toHaveLength(2);
    expect(tasks[0]).toMatchObject({ timeoutMs: 2_000, onFailure: 'fail-swarm', priority: 1 });
    expect(tasks[1]).toMatchObject({ timeoutMs: 300_000, dependencies: ['task_001'], priority: 3 });
  });
});
