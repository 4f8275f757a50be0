import type { Kit } from '../kit.ts';
import { isProgram } from '../kits.ts';
import { say } from '../language.ts';
import type { Objective } from '../objective.ts';
import { documentPath } from '../task-paths.ts';
import { capital } from '../words.ts';

export type PlannedTask = {
  key: string;
  name: string;
  description: string;
  type: 'research' | 'coding' | 'testing' | 'review' | 'analysis' | 'design' | 'custom';
  agentType: string;
  priority: 'low' | 'normal' | 'high' | 'critical';
  dependsOn: string[];
  expectedOutput: string;
};

export type Agent = 'researcher' | 'architect' | 'analyst' | 'reviewer' | 'tester' | 'coder' | 'specialist';

const TYPES: Readonly<Record<Agent, PlannedTask['type']>> = {
  researcher: 'research',
  architect: 'design',
  analyst: 'analysis',
  reviewer: 'review',
  tester: 'testing',
  coder: 'coding',
  specialist: 'custom',
};

const DOCUMENTS: Readonly<Partial<Record<Agent, string>>> = {
  researcher: 'research',
  architect: 'architecture',
  analyst: 'analysis',
  reviewer: 'review',
  tester: 'test-plan',
};

export type Step = {
  key: string;
  agent: Agent;
  priority?: PlannedTask['priority'];
  after?: string[];
  /** Name and description. */
  en: readonly [string, string];
  de: readonly [string, string];
  /** Where a plan is ever made in Spanish. */
  es?: readonly [string, string];
  /** Files expected; without them, the document of the agent. */
  files?: readonly string[];
};

/** The plan entry for a step, in the objective's language. */
export const planned = (objective: Objective, step: Step): PlannedTask => {
  const [name, description] = { en: step.en, de: step.de, es: step.es ?? step.en }[objective.language];
  const files = step.files ?? [];
  return {
    key: step.key,
    name: capital(name),
    description,
    type: TYPES[step.agent],
    agentType: step.agent,
    priority: step.priority ?? 'normal',
    dependsOn: step.after ?? [],
    expectedOutput:
      files.length > 0 ? files.join(', ') : documentPath(objective, name, DOCUMENTS[step.agent] ?? 'notes'),
  };
};

/** The step that makes one half of the kit. */
export const half = (objective: Objective, kit: Kit, which: 'core' | 'surface', after: string[]): Step => {
  const part = kit[which];
  const verb = isProgram(kit) ? ['Implement', 'Umsetzen:'] : ['Write', 'Schreiben:'];
  const decisions = part.decisions.join(' ');
  const name = `${say(objective, verb[0] ?? '', verb[1] ?? '', 'Escribir')} ${part.title}`;
  return {
    key: which,
    agent: isProgram(kit) ? 'coder' : 'specialist',
    priority: 'critical',
    after,
    en: [name, `For “${objective.text}”: ${decisions} Keep to what the parts agreed on.`],
    de: [name, `Für „${objective.text}“: ${decisions} Die Abmachung der Teile einhalten.`],
    es: [name, `Para «${objective.text}»: ${decisions} Respetar lo acordado entre las partes.`],
    files: part.files.map((file) => file.path),
  };
};
