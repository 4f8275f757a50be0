import type { AgentType, Permission, TaskType } from './vocabulary.ts';

/**
 * Who may write files when nobody says it. All of them make something that others read: software, tests, a design, a review, a
 * report. So nobody is left out today; who adds a type has to decide.
 */
const WRITES: Record<AgentType, boolean> = {
  coordinator: true,
  coder: true,
  reviewer: true,
  tester: true,
  researcher: true,
  analyst: true,
  architect: true,
  specialist: true,
  synthesizer: true,
};

/** The same by what is to be made, for agents of a program's own type. */
const MAKES_FILES: Record<TaskType, boolean> = {
  research: true,
  coding: true,
  testing: true,
  review: true,
  analysis: true,
  design: true,
  custom: true,
};

/**
 * The permissions of a task that names none, wherever it comes from: a plan, a caller's graph, an added task, a program.
 * Never `execute`.
 * @param agentType also one of a program's own, which works as a specialist
 */
export function defaultPermissions(agentType: string, taskType: string): Permission[] {
  const known: Record<string, boolean | undefined> = { ...MAKES_FILES, ...WRITES };
  const writes = known[agentType] ?? known[taskType] ?? WRITES.specialist;
  return writes ? ['read', 'write'] : ['read'];
}

/** For the descriptions of schemas. */
export const DEFAULT_PERMISSIONS_TEXT =
  'What the agent may do with files. Left out: read and write, for every agent type and task type, since each leaves its work in files. ["read"] for a task that must change nothing; [] for one that needs no files.';
