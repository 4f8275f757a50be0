import type { Kit } from '../kit.ts';
import { isProgram, kitFor } from '../kits.ts';
import { say } from '../language.ts';
import type { Objective } from '../objective.ts';
import { brief } from './brief.ts';
import { development, testing } from './building.ts';
import { analysis, research, review } from './judging.ts';
import type { PlannedTask, Step } from './step.ts';
import { planned } from './step.ts';

export type Plan = { summary: string; tasks: PlannedTask[] };

const MAKERS: Readonly<Record<string, (objective: Objective, kit: Kit) => Step[]>> = {
  research,
  development,
  analysis,
  testing,
  review,
  brief,
};

/** What `auto` (or a strategy nobody knows) means for an objective, by its words. */
const chosen = (objective: Objective, kit: Kit): string => {
  const { text } = objective;
  if (kit.plan === 'short') return 'brief';
  const judges = /^\s*(test|review|audit|analy[sz]e|research|prüfe|analysiere)\b/i.test(text);
  if (isProgram(kit) && !judges) return 'development';
  if (/\b(review|audit|inspect|prüfe?n?)\b/i.test(text)) return 'review';
  if (/\b(tests?|testing|verify|qa)\b/i.test(text)) return 'testing';
  if (/\b(analy[sz]e|analysis|evaluate|assess|analysiere|bewerte)\b/i.test(text)) return 'analysis';
  if (/\b(research|compare|investigate|survey|study|recherchiere|vergleiche?)\b/i.test(text))
    return 'research';
  return kit.plan === undefined ? 'development' : 'brief';
};

/** The plan for an objective: five to seven tasks, or three or four for a small request; the final synthesis is added by whoever asked. */
export const planFor = (objective: Objective, strategy: string): Plan => {
  const kit = kitFor(objective);
  // The templates of the strategies are written in two languages.
  const named = strategy in MAKERS && strategy !== 'brief' && objective.language !== 'es';
  const name = named ? strategy : chosen(objective, kit);
  const steps = MAKERS[name]?.(objective, kit) ?? [];
  return {
    summary: say(
      objective,
      `${objective.title}: ${steps.length} tasks by the ${name} strategy.`,
      `${objective.title}: ${steps.length} Aufgaben nach der Strategie ${name}.`,
      `${objective.title}: ${steps.length} tareas.`,
    ),
    tasks: steps.map((step) => planned(objective, step)),
  };
};

/** Whether a plan of ours has a task of this name: then it is not the caller's own. */
export const isPlannedName = (objective: Objective, name: string): boolean =>
  [...Object.keys(MAKERS), 'auto'].some((strategy) =>
    planFor(objective, strategy).tasks.some((task) => task.name === name),
  );
