import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { completed, created, progressAfter, started, T0, task } from '../test/events.ts';
import { renderFrame } from './render-frame.ts';

const options = { columns: 100, rows: 30, colours: false, now: T0 + 4_200 };
const state = progressAfter(
  created('Build a REST API'),
  { type: 'swarm.planned', data: { source: 'model', totalTasks: 3 } },
  task('task_001', 'Design it'),
  task('task_002', 'Code it', ['task_001']),
  task('task_003', 'Test it', ['task_001', 'task_002']),
  { type: 'swarm.started' },
  { type: 'agent.spawned', agentId: 'agent_001', data: { name: 'coder-1' } },
  started('task_001', 100),
  completed('task_001', 1_600, { inputTokens: 4_000, outputTokens: 800, costUsd: 0.0094 }),
  started('task_002', 2_000),
);

describe('a picture of a swarm', () => {
  it('shows the objective, the totals, and a line for each task', () => {
    expect(renderFrame(state, options)).toEqual([
      'Build a REST API',
      'executing · 1/3 tasks · 4.2s · 4.8k tokens · $0.0094',
      '',
      '✓  1 Design it                                    completed coder-1            1.5s    4.8k  $0.0094',
      '⠹  2 Code it                                      running   coder-1            2.2s',
      '·  3 Test it (after 2)                            waiting   coder',
    ]);
  });

  it.each([20, 32, 40, 50, 60, 72, 80, 200])('fits into %i columns', (columns) => {
    const wide = progressAfter(
      created('計画を立てる 👩‍👩‍👧‍👦 '.repeat(30)),
      task('task_001', '日本語のとても長い名前'.repeat(9)),
      started('task_001', 1),
    );
    for (const shown of [state, wide]) {
      const lines = renderFrame(shown, { ...options, columns });
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines[3]).toMatch(/\S/);
    }
  });

  it('gives up the least telling columns first', () => {
    const line = (columns: number) => renderFrame(state, { ...options, columns })[3] ?? '';
    expect(line(72)).toContain('completed');
    expect(line(72)).not.toContain('4.8k');
    expect(line(45)).toContain('1.5s');
    expect(line(45)).not.toContain('coder-1');
    expect(line(30)).toContain('Design it');
  });

  it('sums up the tasks that do not fit, and keeps those at work', () => {
    const tasks = Array.from({ length: 30 }, (_, index) =>
      task(`task_${String(index + 1).padStart(3, '0')}`, `T${index}`),
    );
    const busy = progressAfter(
      created(),
      ...tasks,
      ...tasks.slice(0, 9).map((entry) => completed(entry.taskId, 5)),
      started('task_030', 6),
    );
    const lines = renderFrame(busy, { ...options, rows: 10 });
    expect(lines).toHaveLength(10);
    expect(lines.at(-2)).toContain('T29');
    expect(lines.at(-1)).toBe('… and 9 completed, 15 waiting');
    expect(renderFrame(busy, { ...options, rows: Number.POSITIVE_INFINITY })).toHaveLength(33);
  });

  it('colours without changing a character, and only when asked to', () => {
    const plain = renderFrame(state, options);
    const coloured = renderFrame(state, { ...options, colours: true });
    expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
    expect(coloured.join('')).toContain('\u001b[32m');
    expect(plain.join('')).not.toContain('\u001b');
  });

  it('says why a task failed and that the plan is a template', () => {
    const failed = progressAfter(
      created(),
      { type: 'swarm.planned', data: { source: 'template', degraded: true } },
      task('task_001', 'A'),
      { type: 'task.failed', taskId: 'task_001', data: { message: 'No model.' } },
      { type: 'swarm.failed', data: {} },
    );
    const lines = renderFrame(failed, { ...options, columns: 120 });
    expect(lines[1]).toContain('template');
    expect(lines[3]).toContain('✗  1 A: No model.');
  });
});
