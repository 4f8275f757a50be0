import { describe, expect, it } from 'vitest';
import { readableLog } from './log-line.ts';

const options = { nameWidth: 8, colours: false };
const time = new Date(2026, 0, 28, 9, 5, 7).getTime();
const read = (record: object) =>
  readableLog('worker-1', JSON.stringify({ level: 'info', time, ...record }), options);

describe('logs for people', () => {
  it('shows time, process, level, message and fields', () => {
    expect(read({ service: 'worker', pid: 7, msg: 'Completed "x"', taskId: 'task_001', turns: 3 })).toEqual([
      '09:05:07 worker-1 info  Completed "x" taskId=task_001 turns=3',
    ]);
  });

  it('shows a stack below its line', () => {
    const lines = read({ level: 'error', msg: 'Broke', err: { message: 'm', stack: 'Error: m\n    at f' } });
    expect(lines.map((line) => line.trim())).toEqual([
      '09:05:07 worker-1 error Broke',
      'worker-1       Error: m',
      'worker-1       at f',
    ]);
  });

  it('lets through what is no log line, cleaned', () => {
    expect(readableLog('api-1', '\u001b[2Jplain {text', options)[0]).toMatch(
      /^\d\d:\d\d:\d\d api-1 {10}plain \{text$/,
    );
    expect(readableLog('api-1', '{broken', options)[0]).toContain('{broken');
  });

  it('lets no control character of a message through', () => {
    expect(read({ msg: 'a\u001b[31mb', field: '\u0007' }).join('')).not.toMatch(/\p{Cc}/u);
  });
});
