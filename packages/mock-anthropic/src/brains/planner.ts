import { say } from '../content/language.ts';
import { planFor } from '../content/plans/plan.ts';
import type { PlannedTask } from '../content/plans/step.ts';
import type { Brain, BrainInput } from './types.ts';
import { SIMULATED } from './types.ts';

/** Who steps in when a type of agent is not on offer. */
const SUBSTITUTES: Readonly<Record<string, readonly string[]>> = {
  architect: ['specialist', 'coder', 'analyst'],
  coder: ['specialist'],
  tester: ['coder', 'specialist'],
  reviewer: ['analyst', 'specialist', 'coder'],
  researcher: ['analyst', 'specialist', 'coder'],
  analyst: ['researcher', 'specialist', 'coder'],
  specialist: ['coder', 'analyst', 'researcher'],
  coordinator: ['analyst', 'specialist', 'coder'],
};

const allowedType = (wanted: string, offered: readonly string[]): string => {
  if (offered.length === 0 || offered.includes(wanted)) return wanted;
  return SUBSTITUTES[wanted]?.find((type) => offered.includes(type)) ?? offered[0] ?? wanted;
};

/** Leaves out the least needed tasks; who depended on them depends on what they depended on. */
const withinLimit = (tasks: readonly PlannedTask[], limit: number | null): PlannedTask[] => {
  let kept = [...tasks];
  while (limit !== null && kept.length > Math.max(1, limit)) {
    const rank = { low: 0, normal: 1, high: 2, critical: 3 } as const;
    const victim = kept.toSorted((a, b) => rank[a.priority] - rank[b.priority])[0];
    if (victim === undefined) break;
    kept = kept
      .filter((task) => task !== victim)
      .map((task) => {
        if (!task.dependsOn.includes(victim.key)) return task;
        const others = task.dependsOn.filter((key) => key !== victim.key);
        return { ...task, dependsOn: [...new Set([...others, ...victim.dependsOn])] };
      });
  }
  return kept;
};

const planOf = (input: BrainInput) => {
  const { objective, strategy, agentTypes, maxTasks } = input;
  const plan = planFor(objective, strategy);
  const tasks = withinLimit(plan.tasks, maxTasks).map((task) => ({
    ...task,
    agentType: allowedType(task.agentType, agentTypes),
  }));
  return { summary: `${plan.summary} ${SIMULATED}`, tasks };
};

/** Plans the objective by its strategy; the last message may ask for a repair, and the plan stays the same. */
export const planner: Brain = (input) => {
  const value = planOf(input);
  return {
    thought: say(
      input.objective,
      `Strategy ${input.strategy}: what depends on what, and what can happen at the same time?`,
      `Strategie ${input.strategy}: was hängt wovon ab, und was kann gleichzeitig geschehen?`,
    ),
    text: JSON.stringify(value),
    calls: [],
    value,
  };
};
