import fc from 'fast-check';
import { taskId } from '../../src/domain/ids.ts';
import { FAILURE_POLICIES } from '../../src/domain/states.ts';
import type { TaskPlan } from './state.ts';

/** Dependencies by the tasks' places in the list; each only on earlier ones, so that there is no circle. */
type Shape = number[][];

const size = fc.integer({ min: 1, max: 6 });
const chain = size.map((n): Shape => Array.from({ length: n }, (_, i) => (i === 0 ? [] : [i - 1])));
const wide = size.map((n): Shape => Array.from({ length: n }, () => []));
const diamond = size.map(
  (n): Shape => [[], ...Array.from({ length: n }, () => [0]), Array.from({ length: n }, (_, i) => i + 1)],
);
const any = fc
  .array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map((lists): Shape => lists.map((list, i) => (i === 0 ? [] : [...new Set(list.map((n) => n % i))])));

const traits = fc.record({
  agentType: fc.constantFrom('coder' as const, 'tester' as const, 'reviewer' as const),
  priority: fc.constantFrom(2 as const, 1 as const, 3 as const, 4 as const),
  onFailure: fc.constantFrom(...FAILURE_POLICIES),
  maxRetries: fc.integer({ min: 0, max: 2 }),
});

/** Plans without circles: chains, wide ones, diamonds, and whatever comes. */
export const aPlan: fc.Arbitrary<TaskPlan[]> = fc
  .oneof(chain, wide, diamond, any)
  .chain((shape) =>
    fc.tuple(fc.constant(shape), fc.array(traits, { minLength: shape.length, maxLength: shape.length })),
  )
  .map(([shape, each]) =>
    each.map((one, i) => ({ ...one, dependencies: (shape[i] ?? []).map((n) => taskId(n + 1)) })),
  );

export const aSize = fc.record({
  maxAgents: fc.integer({ min: 1, max: 5 }),
  parallel: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  // Of a few turns, each of seven tokens: some stories come to the end of it, some to the warning, some to neither.
  budget: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  ),
});

/** How far the swarm is before the drawn commands come. */
export const STAGES = ['executing', 'nothing', 'planning', 'ready', 'start remembered'] as const;
export const aStage = fc.oneof(
  { weight: 5, arbitrary: fc.constant(STAGES[0]) },
  { weight: 2, arbitrary: fc.constantFrom(...STAGES) },
);
