import type { TaskState } from '@claude-flow/core/domain/task';
import type { SwarmObservation } from '@claude-flow/core/store/observations';
import { describe, expect, it } from 'vitest';
import { judgeSwarm, type SwarmEvidence } from './judge-swarm.ts';

const NOW = 1_000_000_000;

function task(id: string, changes: Partial<TaskState>): TaskState {
  return {
    id,
    status: 'queued',
    agentType: 'coder',
    priority: 2,
    onFailure: 'skip-dependents',
    attempt: 1,
    failures: 0,
    crashes: 0,
    turns: 0,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costMicros: 0,
    ...changes,
  };
}

function judge(observed: Partial<SwarmObservation>, more: Partial<SwarmEvidence> = {}) {
  const evidence: SwarmEvidence = {
    observed: {
      now: NOW,
      exists: true,
      status: 'executing',
      planned: true,
      expired: [],
      queued: [],
      readyCount: 0,
      runningCount: 0,
      dueRetries: 0,
      openCount: 1,
      placedCount: 1,
      suspendedCount: 0,
      ...observed,
    },
    jobs: new Map(),
    indexedAt: NOW - 10_000,
    planWaiting: false,
    waitsForTurn: false,
    ...more,
  };
  return judgeSwarm(evidence).map((finding) => finding.verdict);
}

describe('judgeSwarm', () => {
  it('leaves a healthy swarm alone', () => {
    expect(judge({})).toEqual([]);
    expect(judge({ status: 'ready' })).toEqual([]);
    expect(judge({ deadlineAt: NOW + 1 })).toEqual([]);
  });

  it('finds every way in which a task can be stuck', () => {
    const expired = [task('task_001', { status: 'running', token: 't' })];
    const queued = ['task_002', 'task_003', 'task_004', 'task_005'].map((id) =>
      task(id, { queuedAt: NOW - (id === 'task_005' ? 500 : 60_000) }),
    );
    const jobs = new Map([
      ['task_002', 'missing'],
      ['task_003', 'active'],
      ['task_004', 'waiting'],
      ['task_005', 'missing'],
    ] as const);
    expect(judge({ expired, queued, dueRetries: 1, readyCount: 2 }, { jobs })).toEqual([
      'lease-expired',
      'job-missing',
      'delivery-lost',
      'retry-due',
      'never-queued',
    ]);
  });

  it('leaves alone what waits for its turn, but for what is broken in it', () => {
    const expired = [task('task_001', { status: 'running', token: 't' })];
    const waiting = { waitsForTurn: true };
    expect(judge({ readyCount: 2, dueRetries: 1 }, waiting)).toEqual([]);
    expect(judge({ readyCount: 2, expired }, waiting)).toEqual(['lease-expired']);
    expect(judge({ readyCount: 2, deadlineAt: NOW }, waiting)).toEqual(['deadline-passed']);
  });

  it('does not reclaim what was finished between two reads', () => {
    expect(judge({ expired: [task('task_001', { status: 'completed' })] })).toEqual([]);
  });

  it('ends an overdue swarm and repairs nothing else in it', () => {
    expect(judge({ deadlineAt: NOW, readyCount: 5 })).toEqual(['deadline-passed']);
    expect(judge({ status: 'planning', planned: false, deadlineAt: NOW - 1 })).toEqual(['deadline-passed']);
    expect(judge({ status: 'completed', deadlineAt: NOW - 1 })).toEqual(['finished']);
  });

  it('asks for a lost plan again, and only then', () => {
    const planning = { status: 'planning', planned: false } as const;
    expect(judge(planning)).toEqual(['plan-lost']);
    expect(judge(planning, { indexedAt: NOW - 500 })).toEqual([]);
    expect(judge(planning, { planWaiting: true })).toEqual([]);
    expect(judge({ ...planning, planLeaseUntil: NOW + 1 })).toEqual([]);
    expect(judge({ ...planning, planLeaseUntil: NOW - 1 }, { indexedAt: NOW - 500 })).toEqual(['plan-lost']);
  });

  it('retires what has ended', () => {
    for (const status of ['completed', 'failed', 'stopped'] as const) {
      expect(judge({ status })).toEqual(['finished']);
    }
  });

  it('drops an entry without a swarm only when it is old', () => {
    const gone: Partial<SwarmObservation> = { exists: false };
    expect(judge(gone, { indexedAt: NOW - 59_000 })).toEqual([]);
    expect(judge(gone, { indexedAt: NOW - 61_000 })).toEqual(['ghost']);
  });

  it('dispatches nothing in a paused swarm', () => {
    expect(judge({ status: 'paused', readyCount: 3, dueRetries: 1 })).toEqual([]);
  });
});
