import { analysis } from './analysis.ts';
import { auto } from './auto.ts';
import { development } from './development.ts';
import { research } from './research.ts';
import { review } from './review.ts';
import type { PlanStrategy } from './strategy.ts';
import { testing } from './testing.ts';

/** Strategies by name. Handed to the planner in its deps, so that a plugin can add its own before the loops start. */
export type StrategyRegistry = Map<string, PlanStrategy>;

export function builtInStrategies(): StrategyRegistry {
  const all = [auto, research, development, analysis, testing, review];
  return new Map(all.map((strategy) => [strategy.name, strategy]));
}

export interface ResolvedStrategy {
  strategy: PlanStrategy;
  /** Why it is not simply the one asked for, in a sentence. */
  reason?: string;
}

/** The strategy that plans an objective: the one named, or the one that it hands over to. */
export function resolveStrategy(
  registry: StrategyRegistry,
  name: string,
  objective: string,
): ResolvedStrategy {
  const named = registry.get(name);
  if (named === undefined) {
    const strategy = registry.get('auto') ?? auto;
    return { strategy, reason: `This scheduler does not know the strategy "${name}"; it plans as auto.` };
  }
  const handOver = named.handOver?.(objective);
  const target = handOver === undefined ? undefined : registry.get(handOver.to);
  if (handOver === undefined || target === undefined) return { strategy: named };
  return { strategy: target, reason: handOver.reason };
}
