import type { Kit } from '../kit.ts';
import { isProgram, kitFor } from '../kits.ts';
import { say } from '../language.ts';
import type { Objective } from '../objective.ts';
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
};

/** What `auto` (or a strategy nobody knows) means for an objective, by its words. */
const chosen = (objective: Objective, kit: Kit): string => {
  const { text } = objective;
  const judges = /^\s*(test|review|audit|analy[sz]e|research|prüfe|analysiere)\b/i.test(text);
  if (isProgram(kit) && !judges) return 'development';
  if (/\b(review|audit|inspect|prüfe?n?)\b/i.test(text)) return 'review';
  if (/\b(tests?|testing|verify|qa)\b/i.test(text)) return 'testing';
  if (/\b(analy[sz]e|analysis|evaluate|assess|analysiere|bewerte)\b/i.test(text)) return 'analysis';
  if (/\b(research|compare|investigate|survey|study|recherchiere|vergleiche?)\b/i.test(text))
    return 'research';
  return 'development';
};

/** The plan of five to seven tasks for an objective; the final synthesis is added by whoever asked. */
export const planFor = (objective: Objective, strategy: string): Plan => {
  const kit = kitFor(objective);
  const name = strategy in MAKERS ? strategy : chosen(objective, kit);
  const steps = MAKERS[name]?.(objective, kit) ?? [];
  return {
    summary: say(
      objective,
      `${objective.title}: ${steps.length} tasks by the ${name} strategy.`,
      `${objective.title}: ${steps.length} Aufgaben nach der Strategie ${name}.`,
    ),
    tasks: steps.map((step) => planned(objective, step)),
  };
};
