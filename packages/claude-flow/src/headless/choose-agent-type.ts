import type { AgentRecord } from '@claude-flow/core/domain/agent';
import { defaultCapabilities } from '@claude-flow/core/domain/vocabulary';

/** Who does a kind of task, the best first. */
const BY_TASK_TYPE: Readonly<Record<string, readonly string[]>> = {
  research: ['researcher', 'analyst'],
  coding: ['coder', 'specialist'],
  testing: ['tester', 'reviewer'],
  review: ['reviewer', 'analyst'],
  analysis: ['analyst', 'researcher'],
  design: ['architect', 'analyst'],
  'system-design': ['architect', 'analyst'],
  'model-design': ['architect', 'coder', 'researcher'],
  configuration: ['specialist', 'coder'],
  'data-processing': ['researcher', 'analyst', 'coder'],
  validation: ['tester', 'analyst', 'reviewer'],
  deployment: ['specialist', 'coder'],
};
const ANYBODY = ['specialist'];

interface Wanted {
  type?: string;
  requirements?: { capabilities?: readonly string[] };
}

/**
 * The type of agent that a task goes to: a living agent that has all the capabilities asked for, else one that suits the
 * kind of task, else the kind's usual type, which dispatch then spawns.
 */
export function chooseAgentType(task: Wanted, agents: readonly AgentRecord[]): string {
  const living = agents.filter((agent) => agent.status !== 'terminated');
  const suited = BY_TASK_TYPE[task.type ?? ''] ?? ANYBODY;
  const rank = (agent: AgentRecord) => {
    const at = suited.indexOf(agent.type);
    return at === -1 ? suited.length : at;
  };
  const wanted = task.requirements?.capabilities ?? [];
  const able = wanted.length === 0 ? [] : living.filter((agent) => hasAll(agent, wanted));
  const [best] = able.sort((one, other) => rank(one) - rank(other));
  if (best !== undefined) return best.type;
  const present = suited.find((type) => living.some((agent) => agent.type === type));
  return present ?? suited[0] ?? 'specialist';
}

function hasAll(agent: AgentRecord, wanted: readonly string[]): boolean {
  const own =
    agent.capabilities === undefined ? {} : (JSON.parse(agent.capabilities) as Record<string, unknown>);
  const has: Record<string, unknown> = { ...defaultCapabilities(agent.type), ...own };
  return wanted.every((capability) => Boolean(has[capability]));
}
