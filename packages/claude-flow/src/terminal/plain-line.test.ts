import { describe, expect, it } from 'vitest';
import { completed, created, eventsOf, started, task } from '../test/events.ts';
import { plainLine } from './plain-line.ts';
import { emptyProgress } from './progress-state.ts';
import { reduceProgress } from './reduce-progress.ts';

function log(...told: Parameters<typeof eventsOf>): string[] {
  let state = emptyProgress;
  return eventsOf(...told).flatMap((event) => {
    const before = state;
    state = reduceProgress(before, event);
    return plainLine(before, state, event) ?? [];
  });
}

describe('a line an event', () => {
  it('tells what is news', () => {
    expect(
      log(
        created(),
        {
          type: 'swarm.planned',
          at: 900,
          data: { source: 'template', degraded: true, degradedReason: 'Garbage.', totalTasks: 1 },
        },
        task('task_001', 'Code it'),
        { type: 'swarm.started', at: 900 },
        { type: 'agent.spawned', agentId: 'agent_001', data: { name: 'coder-1' } },
        started('task_001', 1_000),
        { type: 'task.progress', taskId: 'task_001', at: 1_500, data: { tools: ['read_file'] } },
        { type: 'task.retrying', taskId: 'task_001', at: 1_600, data: { message: 'Overloaded.' } },
        started('task_001', 1_700),
        completed('task_001', 61_700, { inputTokens: 1_500, costUsd: 1.5 }),
        { type: 'swarm.progress', at: 61_700 },
        { type: 'swarm.completed', at: 61_700 },
      ),
    ).toEqual([
      '   0.0s  swarm     created: Build a thing',
      '   0.9s  swarm     planned: 1 tasks (by template, the model gave no plan that could be used: Garbage.)',
      '   0.9s  swarm     started',
      '   1.0s  task_001  Code it: started by coder-1 on worker-1',
      '   1.5s  task_001  Code it: read_file',
      '   1.6s  task_001  Code it: will be tried again: Overloaded.',
      '   1.7s  task_001  Code it: started by coder-1 on worker-1',
      ' 1m 02s  task_001  Code it: completed in 1m 00s (1.5k tokens, $1.50)',
      ' 1m 02s  swarm     completed (1/1 tasks, 1.5k tokens, $1.50)',
    ]);
  });

  it('tells that a task waits for people, and nothing more of a pause', () => {
    const lines = log(
      created(),
      task('task_001', 'A'),
      started('task_001', 0),
      { type: 'task.suspended', taskId: 'task_001', at: 2_000, data: { waitingFor: 'approval' } },
      started('task_001', 3_000),
      { type: 'task.suspended', taskId: 'task_001', at: 4_000, data: { message: 'The swarm is paused.' } },
    );
    expect(lines[2]).toBe('   2.0s  task_001  A: waits for an approval');
    expect(lines).toHaveLength(4);
  });

  it('tells failures with their reason', () => {
    const lines = log(
      created(),
      task('task_001', 'A'),
      started('task_001', 0),
      { type: 'task.failed', taskId: 'task_001', at: 2_000, data: { message: 'No model.' } },
      { type: 'swarm.failed', at: 2_000, data: { message: 'Task task_001 failed: No model.' } },
    );
    expect(lines.slice(-2)).toEqual([
      '   2.0s  task_001  A: failed after 2.0s: No model.',
      '   2.0s  swarm     failed: Task task_001 failed: No model. (0/1 tasks, 0 tokens, $0)',
    ]);
  });
});
