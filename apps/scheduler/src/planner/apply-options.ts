import type { Plan, PlannedTask } from '@claude-flow/core/contracts/plan';
import { leafKeys } from '@claude-flow/core/domain/task-graph';
import type { PlanStrategy } from './strategies/strategy.ts';

/** The options of a swarm that change its plan. */
export interface PlanOptions {
  /** false: no test tasks. */
  includeTests: boolean;
  /** true: a documentation task. */
  includeDocumentation: boolean;
}

/** A swarm's free-form options, read for what concerns the plan. */
export function planOptions(options: Readonly<Record<string, unknown>>, strategy: PlanStrategy): PlanOptions {
  return {
    includeTests: options['includeTests'] !== false || strategy.testsAreThePoint === true,
    includeDocumentation: options['includeDocumentation'] === true,
  };
}

/** The plan with the options kept to, whoever made it. Pure; a plan without faults stays without. */
export function applyOptions(plan: Plan, options: PlanOptions): Plan {
  let { tasks } = plan;
  if (!options.includeTests) tasks = withoutTests(tasks);
  if (options.includeDocumentation && !tasks.some(isDocumentation)) {
    tasks = [...tasks, documentationTask(tasks)];
  }
  return { ...plan, tasks };
}

/** Drops test tasks; what waited for one waits for what that one waited for. A plan of tests alone is left as it is. */
function withoutTests(tasks: readonly PlannedTask[]): PlannedTask[] {
  const dropped = new Map(tasks.filter((task) => task.type === 'testing').map((task) => [task.key, task]));
  if (dropped.size === tasks.length) return [...tasks];
  const standIns = (keys: readonly string[], seen: Set<string>): string[] =>
    keys.flatMap((key) => {
      const gone = dropped.get(key);
      if (gone === undefined) return [key];
      if (seen.has(key)) return [];
      seen.add(key);
      return standIns(gone.dependsOn, seen);
    });
  return tasks
    .filter((task) => !dropped.has(task.key))
    .map((task) => ({ ...task, dependsOn: [...new Set(standIns(task.dependsOn, new Set()))] }));
}

const DOCUMENTATION_NAME = /\b(documentation|docs|user guide|manual|readme)\b|^document\b/i;

function isDocumentation(task: PlannedTask): boolean {
  return DOCUMENTATION_NAME.test(task.name);
}

function documentationTask(tasks: readonly PlannedTask[]): PlannedTask {
  const taken = new Set(tasks.map((task) => task.key));
  let key = 'documentation';
  for (let n = 2; taken.has(key); n += 1) key = `documentation-${n}`;
  return {
    key,
    name: 'Documentation',
    description:
      'Write the documentation of what was made, for people who were not there: docs/guide.md with what it is for, how to ' +
      'set it up and use it with worked examples, its parts and how they fit together, and answers to what will be asked ' +
      'first. Describe what really exists in the files; try every command you name against them.',
    type: 'custom',
    agentType: 'specialist',
    priority: 'normal',
    dependsOn: leafKeys(tasks),
    expectedOutput: 'docs/guide.md, which a newcomer can follow without help.',
  };
}
