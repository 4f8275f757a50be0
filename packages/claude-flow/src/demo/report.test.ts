import { describe, expect, it } from 'vitest';
import type { SwarmDetails } from '../client/types.ts';
import type { ResultsAnswer } from '../client/types-results.ts';
import type { TaskInfo } from '../client/types-tasks.ts';
import { type DemoReport, renderReport } from './report.ts';

const usage = {
  inputTokens: 1_000,
  outputTokens: 500,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.25,
};
const task = (number: number, told: { summary?: string; error?: string }, agentType = 'coder') =>
  ({
    id: { id: `task_00${number}` },
    name: `Task ${number}`,
    status: told.error === undefined ? 'completed' : 'failed',
    agentType,
    result: told.summary === undefined ? null : { summary: told.summary },
    error: told.error === undefined ? null : { code: 'x', message: told.error },
  }) as unknown as TaskInfo;

function reportOf(change: Partial<DemoReport> = {}, swarm: Partial<SwarmDetails> = {}): DemoReport {
  return {
    swarm: {
      status: 'completed',
      usage,
      progress: { totalTasks: 2, completedTasks: 2, percentComplete: 100 },
      createdAt: '2026-01-28T10:30:00.000Z',
      endedAt: '2026-01-28T10:30:09.500Z',
      ...swarm,
    } as SwarmDetails,
    tasks: [task(1, { summary: 'Wrote it.' }), task(2, { summary: 'All is there.' }, 'synthesizer')],
    results: { summary: null, totalExecutionTime: 9_000 } as ResultsAnswer['results'],
    saved: { folder: '/x', files: ['README.md', 'src/a.js'], refused: [], conflicts: [] },
    folder: './artifacts/swarm_1',
    ranOn: [{ worker: 'worker-1 (pid 7)', taskIds: ['task_001', 'task_002'] }],
    modelSentence: 'The model was simulated.',
    ...change,
  };
}
const render = (report: DemoReport, columns = 80) => renderReport(report, { columns, colours: false });

describe('the report of the demo', () => {
  it('tells the outcome, the tasks, the totals and where the files are', () => {
    expect(render(reportOf())).toEqual([
      'Completed.',
      '',
      'All is there.',
      '',
      'Results by task',
      '  1 Task 1  Wrote it.',
      '  2 Task 2  All is there.',
      '',
      'worker-1 (pid 7) ran 1, 2',
      '2 of 2 tasks in 9.5s, 1.5k tokens (planning included), $0.2500',
      '',
      'Files: 2 in ./artifacts/swarm_1',
      '  README.md',
      '  src/a.js',
      '',
      'The model was simulated.',
    ]);
  });

  it('tells why a swarm failed, and which task', () => {
    const tasks = [task(1, { error: 'The model refused.' })];
    const lines = render(
      reportOf({ tasks }, { status: 'failed', message: 'Task task_001 failed: The model refused.' }),
    );
    expect(lines[0]).toBe('Failed: Task task_001 failed: The model refused.');
    expect(lines).toContain('  1 Task 1  The model refused.');
  });

  it('keeps what models wrote from reaching the terminal as orders', () => {
    const evil = '\u001b]0;owned\u0007\u001b[2JHello';
    const saved = { folder: '/x', files: ['\u001b[31mred'], refused: ['../\u0007'], conflicts: [] };
    const lines = render(reportOf({ tasks: [task(1, { summary: evil }, 'synthesizer')], saved }));
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(lines).toContain('Hello');
  });

  it('has no task lines when there were none, and names only some of many files', () => {
    const files = Array.from({ length: 50 }, (_, index) => `f${index}`);
    const lines = render(
      reportOf({ tasks: [], ranOn: [], saved: { folder: '/x', files, refused: [], conflicts: [] } }),
    );
    expect(lines).not.toContain('Results by task');
    expect(lines).toContain('  … and 30 more');
  });
});
