import type { Plan } from '@claude-flow/core/contracts/plan';
import { AGENT_TYPES, STRATEGIES } from '@claude-flow/core/domain/vocabulary';
import { describe, expect, it } from 'vitest';
import { applyOptions } from '../apply-options.ts';
import { checkPlan } from '../check-plan.ts';
import { builtInStrategies } from './registry.ts';

const limits = { maxTasks: 7, agentTypes: new Set<string>(AGENT_TYPES) };
const OBJECTIVES = [
  'Build a REST API for user management',
  'x'.repeat(2000),
  `Schreibe "ein Gedicht" über <Züge> & Brücken.\n\n${'Sehr lang und mit vielen Wörtern. '.repeat(50)}`,
  '研究一下量子计算的最新进展和应用',
];

/** Does some task lead over two others to one that needs both? */
function hasDiamond(plan: Plan): boolean {
  const dependents = (key: string) => plan.tasks.filter((task) => task.dependsOn.includes(key));
  const reach = (key: string, seen = new Set<string>()): Set<string> => {
    for (const task of dependents(key)) {
      if (seen.has(task.key)) continue;
      seen.add(task.key);
      reach(task.key, seen);
    }
    return seen;
  };
  return plan.tasks.some((top) => {
    const sides = dependents(top.key);
    return plan.tasks.some(
      (bottom) =>
        bottom.dependsOn.length >= 2 &&
        sides.filter((side) => side.key === bottom.key || reach(side.key).has(bottom.key)).length >= 2,
    );
  });
}

describe('built-in strategies', () => {
  it('are the six that the HTTP contract names', () => {
    expect([...builtInStrategies().keys()].sort()).toEqual([...STRATEGIES].sort());
  });

  it('come in a registry of the caller’s own', () => {
    builtInStrategies().clear();
    expect(builtInStrategies().size).toBe(STRATEGIES.length);
  });
});

describe.each([...builtInStrategies().values()])('strategy $name', (strategy) => {
  it.each(OBJECTIVES)('has a template without faults for %.40s', (objective) => {
    const plan = strategy.template(objective);
    expect(checkPlan(plan, limits)).toEqual([]);
    expect(plan.tasks.length).toBeGreaterThanOrEqual(4);
    for (const task of plan.tasks) expect(strategy.agentTypes).toContain(task.agentType);
    expect(hasDiamond(plan)).toBe(true);
  });

  it('weaves the objective into every description', () => {
    const plan = strategy.template('Teach otters to play chess');
    for (const task of plan.tasks) expect(task.description).toContain('Teach otters to play chess');
  });

  it.each([
    { includeTests: true, includeDocumentation: true },
    { includeTests: false, includeDocumentation: false },
    { includeTests: false, includeDocumentation: true },
  ])('stays without faults with %o', (options) => {
    const plan = applyOptions(strategy.template('Build a tool'), options);
    expect(checkPlan(plan, { ...limits, maxTasks: 8 })).toEqual([]);
    expect(plan.tasks.length).toBeGreaterThanOrEqual(3);
  });

  it('gives guidance and knows only agent types that exist', () => {
    expect(strategy.guidance.length).toBeGreaterThan(100);
    for (const type of strategy.agentTypes) expect(AGENT_TYPES).toContain(type);
    expect(strategy.agentTypes).toContain('specialist');
  });
});
