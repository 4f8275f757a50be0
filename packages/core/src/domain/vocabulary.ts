/** The closed word lists that the HTTP contract names. */
export const STRATEGIES = ['auto', 'research', 'development', 'analysis', 'testing', 'review'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const MODES = ['centralized', 'distributed', 'hierarchical'] as const;
export type Mode = (typeof MODES)[number];

/** The agent types that a caller may name. */
export const AGENT_TYPES = [
  'coordinator',
  'coder',
  'reviewer',
  'tester',
  'researcher',
  'analyst',
  'architect',
  'specialist',
] as const;
/** `synthesizer` is ours alone: the agent of the task that ends a planned swarm. */
export type AgentType = (typeof AGENT_TYPES)[number] | 'synthesizer';
export const ALL_AGENT_TYPES: readonly AgentType[] = [...AGENT_TYPES, 'synthesizer'];

export const TASK_TYPES = [
  'research',
  'coding',
  'testing',
  'review',
  'analysis',
  'design',
  'custom',
] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const PRIORITIES = ['low', 'normal', 'high', 'critical'] as const;
export type PriorityName = (typeof PRIORITIES)[number];
/** 1 low, 2 normal, 3 high, 4 critical: the number that clients see. */
export type Priority = 1 | 2 | 3 | 4;

export const PERMISSIONS = ['read', 'write', 'execute'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who does a task of a type when nobody says it. */
export const AGENT_TYPE_OF_TASK: Record<TaskType, (typeof AGENT_TYPES)[number]> = {
  research: 'researcher',
  coding: 'coder',
  testing: 'tester',
  review: 'reviewer',
  analysis: 'analyst',
  design: 'architect',
  custom: 'specialist',
};

const PRIORITY_NUMBER: Record<PriorityName, Priority> = { low: 1, normal: 2, high: 3, critical: 4 };

export function priorityNumber(name: PriorityName): Priority {
  return PRIORITY_NUMBER[name];
}

/** BullMQ takes the lowest number first. */
export function queuePriority(priority: Priority): number {
  return 5 - priority;
}

/** The capabilities an agent of a type starts with; a spawn request's own are merged over them. */
export function defaultCapabilities(type: AgentType): Record<string, boolean> {
  const has = (...types: AgentType[]) => types.includes(type);
  return {
    codeGeneration: has('coder', 'specialist'),
    codeReview: has('reviewer', 'coder', 'architect'),
    testing: has('tester', 'coder'),
    documentation: has('architect', 'researcher', 'synthesizer', 'coordinator', 'specialist'),
    research: has('researcher', 'analyst', 'architect'),
    analysis: has('analyst', 'reviewer', 'architect', 'researcher', 'synthesizer'),
  };
}
