import type { LargestBody } from './largest-bodies.ts';

/** Graphs of a caller's own, as large as a body holds: some valid, some full of faults. */
export function largeGraphs(objective: string): (LargestBody & { valid: boolean })[] {
  const task = (i: number, more: object = {}) => ({
    key: `k${i}`,
    name: 'A task',
    description: 'Do one more',
    ...more,
  });
  const many = <Value>(count: number, each: (i: number) => Value) =>
    Array.from({ length: count }, (_, i) => each(i));
  const before = (i: number, count: number) => many(Math.min(i, count), (j) => `k${i - 1 - j}`);
  const graph = (what: string, valid: boolean, tasks: object[], more: object = {}) => ({
    what,
    valid,
    text: JSON.stringify({ objective, tasks, ...more }),
  });
  return [
    graph(
      'independent tasks',
      true,
      many(10_000, (i) => task(i)),
    ),
    graph(
      'a chain',
      true,
      many(10_000, (i) => task(i, { dependencies: before(i, 1) })),
    ),
    graph(
      'independent tasks, started',
      true,
      many(10_000, (i) => task(i)),
      { autoStart: true },
    ),
    graph(
      'many dependencies',
      true,
      many(2_000, (i) => task(i, { dependencies: before(i, 40) })),
    ),
    graph('tasks that need thousands', true, [
      ...many(5_000, (i) => task(i)),
      ...many(10, (i) => task(5_000 + i, { dependencies: before(5_000, 5_000) })),
    ]),
    graph(
      'long texts',
      true,
      many(240, (i) => task(i, { description: 'x'.repeat(4_000) })),
    ),
    graph(
      'long texts of three bytes',
      true,
      many(240, (i) => task(i, { description: '日'.repeat(1_400) })),
    ),
    graph(
      'a chain backwards',
      true,
      many(10_000, (i) => task(i, i < 9_999 ? { dependencies: [`k${i + 1}`] } : {})),
    ),
    graph(
      'dependencies that are not there',
      false,
      many(2_000, (i) => task(i, { dependencies: many(50, (j) => `x${j}`) })),
    ),
    graph(
      'a circle',
      false,
      many(10_000, (i) => task(i, { dependencies: [`k${(i + 1) % 10_000}`] })),
    ),
    graph(
      'one key',
      false,
      many(10_000, () => task(1)),
    ),
    graph(
      'no fields',
      false,
      many(10_000, () => ({})),
    ),
    graph(
      'an unknown field at the end',
      false,
      many(10_000, (i) => task(i, i === 9_999 ? { unknown: 1 } : {})),
    ),
    graph(
      'names of blanks',
      false,
      many(10, (i) => task(i, { name: ' '.repeat(100_000) })),
    ),
  ];
}
