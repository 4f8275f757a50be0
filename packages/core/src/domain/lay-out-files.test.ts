import { describe, expect, it } from 'vitest';
import { conflictSentence, layOutFiles } from './lay-out-files.ts';

const task = (id: string, dependencies: string[], files: Record<string, string>) => ({
  id,
  dependencies,
  artifacts: Object.entries(files).map(([path, digest]) => ({ path, digest })),
});
const targets = (tree: ReturnType<typeof layOutFiles>) =>
  tree.files.map(({ target, taskId }) => [target, taskId]);

describe('layOutFiles', () => {
  it('puts each file at its path, in the version that was built on the others', () => {
    const tree = layOutFiles([
      task('task_001', [], { 'a.md': '1', 'b.md': '1' }),
      task('task_002', ['task_001'], { 'a.md': '2' }),
    ]);
    expect(targets(tree)).toEqual([
      ['a.md', 'task_002'],
      ['b.md', 'task_001'],
    ]);
    expect(tree.conflicts).toEqual([]);
    expect(tree.note).toBeUndefined();
  });

  it('keeps every version of a true conflict, and says so in the tree', () => {
    const tree = layOutFiles([task('task_001', [], { 'a.md': '1' }), task('task_002', [], { 'a.md': '2' })]);
    expect(targets(tree)).toEqual([
      ['task_001/a.md', 'task_001'],
      ['task_002/a.md', 'task_002'],
    ]);
    expect(tree.conflicts.map(conflictSentence)).toEqual([
      'a.md: task_001 and task_002 left different versions, and none of them knew the other; they are kept as task_001/a.md and task_002/a.md.',
    ]);
    expect(tree.note).toMatchObject({
      target: 'CONFLICTS.txt',
      text: expect.stringContaining('- a.md: task_001'),
    });
  });

  it('tells of a conflict that a later task settled, without a note', () => {
    const tree = layOutFiles([
      task('task_001', [], { x: '1' }),
      task('task_002', [], { x: '2' }),
      task('task_003', ['task_001', 'task_002'], { x: '3' }),
    ]);
    expect(targets(tree)).toEqual([['x', 'task_003']]);
    expect(tree.conflicts.map(conflictSentence)).toEqual([
      'x: task_001 and task_002 left different versions; task_003, which knew them, left its own.',
    ]);
    expect(tree.note).toBeUndefined();
  });

  it('finds another place where the usual one is taken', () => {
    const tree = layOutFiles([
      task('task_001', [], { x: '1', 'task_002/x': 'mine', 'CONFLICTS.txt': 'mine' }),
      task('task_002', [], { x: '2' }),
    ]);
    expect(targets(tree)).toEqual([
      ['.conflicts/task_002/x', 'task_002'],
      ['CONFLICTS.txt', 'task_001'],
      ['task_001/x', 'task_001'],
      ['task_002/x', 'task_001'],
    ]);
    expect(tree.note?.target).toBe('.conflicts/CONFLICTS.txt');
  });

  it('keeps a file where another task left a folder', () => {
    const tree = layOutFiles([task('task_001', [], { a: '1' }), task('task_002', [], { 'a/b': '2' })]);
    expect(targets(tree)).toEqual([
      ['a/b', 'task_002'],
      ['task_001/a', 'task_001'],
    ]);
    expect(tree.conflicts.map(conflictSentence)).toEqual([
      'a: task_001 left a file where others left a folder; it is kept as task_001/a.',
    ]);
  });
});
