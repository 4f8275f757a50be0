import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FileEntry, type FileTask, mergeFiles } from './merge-files.ts';

/** `files`: path -> content, which stands for the digest. */
function task(id: string, dependencies: string[], files: Record<string, string>): FileTask<FileEntry> {
  const artifacts = Object.entries(files).map(([path, digest]) => ({ path, digest }));
  return { id, dependencies, artifacts };
}

const summary = (tasks: FileTask<FileEntry>[]) => {
  const { files, conflicts } = mergeFiles(tasks);
  return {
    files: Object.fromEntries(files.map(({ entry }) => [entry.path, entry.digest])),
    conflicts: Object.fromEntries(
      conflicts.map(({ path, versions }) => [path, versions.map((v) => v.taskId)]),
    ),
  };
};

describe('mergeFiles', () => {
  it('gives everything that was made upstream, near and far', () => {
    const tasks = [task('a', [], { 'a.md': '1' }), task('b', ['a'], { 'b.md': '2' }), task('c', ['a'], {})];
    expect(summary(tasks)).toEqual({ files: { 'a.md': '1', 'b.md': '2' }, conflicts: {} });
  });

  it('takes the version of the task that built on the other', () => {
    const tasks = [task('c', ['b'], { x: '3' }), task('a', [], { x: '1' }), task('b', ['a'], { x: '2' })];
    expect(summary(tasks)).toEqual({ files: { x: '3' }, conflicts: {} });
  });

  it('sees that one branch changed a common file and the other did not', () => {
    const tasks = [task('a', [], { x: '1' }), task('b', ['a'], { x: '2' }), task('c', ['a'], { y: '1' })];
    expect(summary(tasks).files).toEqual({ x: '2', y: '1' });
  });

  it('leaves a file out that two branches changed differently, and tells of both', () => {
    const tasks = [task('a', [], { x: '1' }), task('b', ['a'], { x: '2' }), task('c', ['a'], { x: '3' })];
    expect(summary(tasks)).toEqual({ files: {}, conflicts: { x: ['b', 'c'] } });
  });

  it('sees no conflict in the same content', () => {
    expect(summary([task('b', [], { x: '2' }), task('c', [], { x: '2' })])).toEqual({
      files: { x: '2' },
      conflicts: {},
    });
  });

  it('takes a merge for settled by the task that made it', () => {
    const tasks = [
      task('b', [], { x: '2' }),
      task('c', [], { x: '3' }),
      task('m', ['b', 'c'], { x: 'merged' }),
      task('n', ['c'], { y: '1' }),
    ];
    expect(summary(tasks)).toEqual({ files: { x: 'merged', y: '1' }, conflicts: {} });
  });

  it('cannot put a file where another task made a folder', () => {
    expect(summary([task('b', [], { src: '1' }), task('c', [], { 'src/a.ts': '2' })])).toEqual({
      files: { 'src/a.ts': '2' },
      conflicts: { src: ['b'] },
    });
  });

  it('names the task that settled a conflict, and no mere successor', () => {
    const tasks = [
      task('a', [], { x: '1', y: '1' }),
      task('b', [], { x: '2' }),
      task('m', ['a', 'b'], { x: 'merged', y: '2' }),
    ];
    expect(
      mergeFiles(tasks).settled.map(({ path, versions, settledBy }) => [
        path,
        versions.map(({ taskId }) => taskId),
        settledBy,
      ]),
    ).toEqual([['x', ['a', 'b'], 'm']]);
  });

  it('is the same in any order, and gives every newest version exactly once', () => {
    const graphs = fc.array(
      fc.tuple(
        fc.array(fc.nat(20), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('x', 'y', 'x/z'), fc.constantFrom('1', '2')),
      ),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(graphs, (graph) => {
        const tasks = graph.map(([above, files], i) =>
          task(`t${i}`, i === 0 ? [] : [...new Set(above.map((n) => `t${n % i}`))], files),
        );
        expect(mergeFiles(tasks.toReversed()).conflicts.map(({ path }) => path)).toEqual(
          mergeFiles(tasks).conflicts.map(({ path }) => path),
        );
        const { files, conflicts } = mergeFiles(tasks);
        const paths = [...files.map(({ entry }) => entry.path), ...conflicts.map(({ path }) => path)];
        expect(paths.toSorted()).toEqual(
          [...new Set(graph.flatMap(([, files]) => Object.keys(files)))].toSorted(),
        );
      }),
    );
  });

  it('manages a chain of thousands', () => {
    const chain = Array.from({ length: 3_000 }, (_, i) =>
      task(`t${i}`, i === 0 ? [] : [`t${i - 1}`], { [`f${i}`]: '1', shared: `${Math.min(i, 1)}` }),
    );
    expect(mergeFiles(chain).conflicts).toEqual([]);
    expect(mergeFiles(chain.map((t) => ({ ...t, artifacts: t.artifacts.slice(0, 1) }))).files).toHaveLength(
      3_000,
    );
  });
});
