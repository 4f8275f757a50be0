import { describe, expect, it } from 'vitest';
import { mergeManifests, type UpstreamTask } from './merge-manifests.ts';

/** `files`: path -> content, which stands for the digest. */
function task(id: string, dependencies: string[], files: Record<string, string>): UpstreamTask {
  const artifacts = Object.entries(files).map(([path, digest]) => ({ path, digest, size: 1, mode: 0o644 }));
  return { id, dependencies, artifacts };
}

const summary = (tasks: UpstreamTask[]) => {
  const { files, conflicts } = mergeManifests(tasks);
  return {
    files: Object.fromEntries(files.map((entry) => [entry.path, entry.digest])),
    conflicts: Object.fromEntries(
      conflicts.map(({ path, versions }) => [path, versions.map((v) => v.taskId)]),
    ),
  };
};

describe('mergeManifests', () => {
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

  it('manages a chain of thousands', () => {
    const chain = Array.from({ length: 3_000 }, (_, i) =>
      task(`t${i}`, i === 0 ? [] : [`t${i - 1}`], { [`f${i}`]: '1', shared: `${Math.min(i, 1)}` }),
    );
    expect(mergeManifests(chain.slice(0, 200)).conflicts).toEqual([]);
    expect(
      mergeManifests(chain.map((t) => ({ ...t, artifacts: t.artifacts.slice(0, 1) }))).files,
    ).toHaveLength(3_000);
  });
});
