import { describe, expect, it } from 'vitest';
import { completed, created, eventsOf, progressAfter, started, T0, task } from '../test/events.ts';
import { emptyProgress, totalSpent } from './progress-state.ts';
import { reduceProgress } from './reduce-progress.ts';

const spawned = {
  type: 'agent.spawned',
  agentId: 'agent_001',
  data: { name: 'coder-1', agentType: 'coder' },
};
const turn = (taskId: string, data: Record<string, unknown>) => ({ type: 'task.progress', taskId, data });

describe('what a spectator knows', () => {
  it('a task that waits for its model provider says so', () => {
    const waits = turn('task_001', { waitingUntil: 60_000, reason: 'The rate limit is reached.' });
    const state = progressAfter(created(), task('task_001', 'Code it'), started('task_001', 500), waits);
    expect(state.tasks['task_001']).toMatchObject({
      phase: 'running',
      note: 'the model provider asks for patience',
    });
  });

  it('follows a task from its creation to its result', () => {
    const steps = [
      created(),
      { type: 'swarm.planned', data: { source: 'model', degraded: false, totalTasks: 1 } },
      task('task_001', 'Code it'),
      { type: 'swarm.started' },
      spawned,
      {
        type: 'task.assigned',
        taskId: 'task_001',
        agentId: 'agent_001',
        attempt: 1,
        data: { name: 'coder-1' },
      },
      started('task_001', 500),
      turn('task_001', {
        inputTokens: 100,
        outputTokens: 20,
        costUsd: 0.5,
        tools: ['read_file', 'read_file', 'x'],
      }),
      completed('task_001', 900, { inputTokens: 100, outputTokens: 30, cacheReadTokens: 70, costUsd: 0.75 }),
      { type: 'swarm.completed', at: 950 },
    ];
    const phases = eventsOf(...steps).map((_, index) => progressAfter(...steps.slice(0, index + 1)));
    expect(phases.map((state) => state.status)).toEqual([
      'planning',
      'planned',
      'planned',
      ...Array.from({ length: 6 }, () => 'executing'),
      'completed',
    ]);
    expect(phases.map((state) => state.tasks['task_001']?.phase).slice(2)).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'assigned',
      'running',
      'running',
      'completed',
      'completed',
    ]);
    expect(phases[7]?.tasks['task_001']).toMatchObject({
      tokens: 120,
      costUsd: 0.5,
      note: 'read_file x2, x',
    });
    const last = phases.at(-1);
    expect(last?.tasks['task_001']).toMatchObject({
      agent: 'coder-1',
      workerId: 'worker-1',
      startedAt: T0 + 500,
      endedAt: T0 + 900,
      tokens: 200,
      costUsd: 0.75,
    });
    expect(last).toMatchObject({ objective: 'Build a thing', createdAt: T0, endedAt: T0 + 950 });
  });

  it('adds up what all tasks spent', () => {
    const state = progressAfter(
      task('task_001', 'A'),
      task('task_002', 'B'),
      turn('task_001', { inputTokens: 1, outputTokens: 2, costUsd: 0.25 }),
      turn('task_002', { inputTokens: 3, costUsd: 0.5 }),
      turn('task_002', { inputTokens: 4, costUsd: 'much' }),
    );
    expect(totalSpent(state)).toEqual({ tokens: 10, costUsd: 0.75 });
  });

  it('starts the clock anew for a further attempt, and keeps what was spent', () => {
    const state = progressAfter(
      task('task_001', 'A'),
      started('task_001', 100),
      turn('task_001', { inputTokens: 5, tools: ['x'] }),
      { type: 'task.retrying', taskId: 'task_001', data: { message: 'The worker was lost.' } },
    );
    expect(state.tasks['task_001']).toMatchObject({
      phase: 'retrying',
      note: 'The worker was lost.',
      tokens: 5,
    });
    expect(state.tasks['task_001']?.startedAt).toBeUndefined();
    const [again] = eventsOf({ ...started('task_001', 700, 'worker-2'), attempt: 2 });
    const next = again && reduceProgress(state, again);
    expect(next?.tasks['task_001']).toMatchObject({
      phase: 'running',
      attempt: 2,
      workerId: 'worker-2',
      startedAt: T0 + 700,
    });
    expect(next?.tasks['task_001']?.note).toBeUndefined();
  });

  it('tells failures and their consequences', () => {
    const state = progressAfter(
      task('task_001', 'A'),
      task('task_002', 'B', ['task_001']),
      task('task_003', 'C'),
      { type: 'task.failed', taskId: 'task_001', data: { message: 'No model.' } },
      { type: 'task.skipped', taskId: 'task_002', data: { failedDependency: 'task_001' } },
      { type: 'task.cancelled', taskId: 'task_003', data: { reason: 'stopped' } },
      { type: 'swarm.failed', data: { message: 'Task task_001 failed: No model.' } },
    );
    expect(Object.values(state.tasks).map(({ phase, note }) => [phase, note])).toEqual([
      ['failed', 'No model.'],
      ['skipped', 'task_001 failed'],
      ['cancelled', 'stopped'],
    ]);
    expect(state).toMatchObject({ status: 'failed', message: 'Task task_001 failed: No model.' });
  });

  it('opens what is tried again after all', () => {
    const state = progressAfter(
      task('task_001', 'A'),
      task('task_002', 'B', ['task_001']),
      task('task_003', 'C', ['task_001']),
      { type: 'task.cancelled', taskId: 'task_001', data: { reason: 'on request' } },
      { type: 'task.skipped', taskId: 'task_002', data: { cancelledDependency: 'task_001' } },
      { type: 'task.skipped', taskId: 'task_003', data: { cancelledDependency: 'task_001' } },
      { type: 'task.retried', taskId: 'task_001', data: { was: 'cancelled' } },
      { type: 'task.retried', taskId: 'task_002', data: { was: 'skipped', dependency: 'task_001' } },
    );
    expect(Object.values(state.tasks).map(({ phase, note }) => [phase, note])).toEqual([
      ['waiting', undefined],
      ['waiting', undefined],
      ['skipped', 'task_001 was cancelled'],
    ]);
    expect(state.tasks['task_001']?.endedAt).toBeUndefined();
  });

  it('cleans foreign text before it is kept', () => {
    const state = progressAfter(
      created('\u001b]0;evil\u0007Do\nit'),
      task('task_001', '\u001b[31mRed\u009b0m'),
    );
    expect(state.objective).toBe('Do it');
    expect(state.tasks['task_001']?.name).toBe('Red');
  });

  it('ignores what it does not know', () => {
    for (const [event] of [
      eventsOf({ type: 'llm.throttled' }),
      eventsOf({ type: 'swarm.progress' }),
      eventsOf({ type: 'task.started', taskId: 'task_999' }),
    ]) {
      expect(event && reduceProgress(emptyProgress, event)).toBe(emptyProgress);
    }
  });
});
