import type { AgentRecord } from '@claude-flow/core/domain/agent';
import type { SwarmRecord, TaskState } from '@claude-flow/core/domain/task';
import { describe, expect, test } from 'vitest';
import { agentView } from '../agents/agent-view.ts';
import { artifactUrl } from '../artifacts/artifact-view.ts';
import { resultsView } from '../results/results-view.ts';
import { waitingView } from '../tasks/waiting-view.ts';
import { swarmName } from './swarm-name.ts';
import { clientStatus, progressView, swarmView } from './swarm-view.ts';

const swarm: SwarmRecord = {
  id: 'swarm_a_000000001',
  owner: 'local',
  name: 'A Swarm',
  objective: 'Do the thing well',
  strategy: 'auto',
  mode: 'centralized',
  maxAgents: 2,
  timeoutMs: 300_000,
  parallel: true,
  options: {},
  status: 'executing',
  planned: true,
  startRequested: false,
  planDegraded: false,
  createdAt: 1_000,
  startedAt: 2_000,
  epoch: 1,
  seq: 7,
  counts: {},
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicros: 1_500_000,
};
const agent: AgentRecord = {
  id: 'agent_001',
  type: 'coder',
  instance: 1,
  name: 'coder-1',
  status: 'idle',
  tasksCompleted: 0,
  tasksFailed: 0,
  busyMs: 0,
  spawnedAt: 2_000,
};

test.each([
  ['Build a REST API for user management', 'User Management REST API Swarm'],
  ['Build a REST API for a blog platform', 'Blog Platform REST API Swarm'],
  ['Please create me a simple calculator app', 'Simple Calculator App Swarm'],
  ['Research the effects of caffeine on sleep. Be thorough.', 'Effects Of Caffeine On Sleep Swarm'],
  ['build', 'Build Swarm'],
  ['日本語の目的をここに書きます', '日本語の目的をここに書きます Swarm'],
  ['\n\t!!! ??? \u0007', '!! Swarm'],
  [`write ${'x'.repeat(200)}`, `X${'x'.repeat(59)}… Swarm`],
])('a name for %j', (objective, name) => {
  expect(swarmName(objective)).toBe(name);
});

test.each([
  ['planning', false, 'planning'],
  ['planning', true, 'executing'],
  ['ready', false, 'planning'],
  ['executing', true, 'executing'],
  ['paused', true, 'paused'],
  ['completed', true, 'completed'],
  ['failed', true, 'failed'],
  ['stopped', false, 'failed'],
] as const)('%s (start requested: %s) reads %s', (status, startRequested, shown) => {
  expect(clientStatus({ status, startRequested })).toBe(shown);
});

test('progress and money', () => {
  expect(progressView({})).toEqual({ totalTasks: 0, completedTasks: 0, percentComplete: 0 });
  expect(progressView({ completed: 2, running: 1 })).toEqual({
    totalTasks: 3,
    completedTasks: 2,
    percentComplete: 66,
  });
  expect(swarmView(swarm, undefined)).toMatchObject({
    budget: null,
    webhook: null,
    usage: { inputTokens: 10, outputTokens: 20, costUsd: 1.5 },
    startedAt: '1970-01-01T00:00:02.000Z',
    endedAt: null,
    planSource: null,
  });
});

test('an agent is measured, or says that it was not', () => {
  expect(agentView(swarm.id, agent).metrics).toMatchObject({ successRate: null, averageExecutionTime: null });
  const seasoned = { ...agent, tasksCompleted: 3, tasksFailed: 1, busyMs: 10_000 };
  expect(agentView(swarm.id, seasoned).metrics).toMatchObject({
    successRate: 0.75,
    averageExecutionTime: 2_500,
  });
  const own = agentView(swarm.id, { ...agent, capabilities: '{"languages":["go"],"testing":false}' });
  expect(own.capabilities).toMatchObject({ codeGeneration: true, testing: false, languages: ['go'] });
});

describe('results', () => {
  const nothing = { swarm, tasks: [], results: new Map(), agents: [] };

  test('of a swarm without agents or results: nothing is made up', () => {
    expect(resultsView(nothing, 5_000)).toMatchObject({
      outputs: {},
      artifacts: {},
      conflicts: [],
      summary: null,
      overallQuality: null,
      totalExecutionTime: 3_000,
      efficiency: null,
    });
    const { startedAt: _, ...unstarted } = swarm;
    expect(resultsView({ ...nothing, swarm: unstarted }, 5_000).totalExecutionTime).toBe(0);
  });

  test('efficiency is busy time over agents times wall time, busy ones up to now', () => {
    const half = { ...agent, busyMs: 500, busySince: 4_000 };
    const agents = [half, { ...agent, busyMs: 3_000 }];
    expect(resultsView({ ...nothing, agents }, 5_000).efficiency).toBe(0.75);
    // Three agents one after the other where two at most live at once.
    expect(resultsView({ ...nothing, agents: [...agents, agent] }, 5_000).efficiency).toBe(0.75);
  });
});

test('the address of a file keeps slashes and escapes the rest', () => {
  expect(artifactUrl('swarm_a_000000001', 'task_001', 'a b/ü#?.txt')).toBe(
    '/api/swarm/swarm_a_000000001/artifacts/task_001/a%20b/%C3%BC%23%3F.txt',
  );
});

describe('a running task', () => {
  const NOW = 1_000_000;
  const modelWait = { attempt: 2, number: 1, until: NOW + 60_000, reason: 'The rate limit is reached.' };
  const state = { status: 'running', attempt: 2, modelWait } as unknown as TaskState;

  test('that waits for its model provider says until when and why', () => {
    expect(waitingView(state, NOW)).toEqual({
      for: 'model',
      ids: [],
      message:
        'It waits until 1970-01-01T00:17:40.000Z before it asks the model again. The rate limit is reached.',
    });
  });

  test('says nothing of a wait that is over, or was of another attempt', () => {
    expect(waitingView(state, NOW + 60_000)).toBeNull();
    expect(waitingView({ ...state, attempt: 3 }, NOW)).toBeNull();
    expect(waitingView({ ...state, status: 'retrying' }, NOW)).toBeNull();
  });
});
