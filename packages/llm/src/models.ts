import { isModelName, MODEL_NAME_RULE } from '@claude-flow/core/domain/model-name';
import { type AgentType, ALL_AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from 'zod';

/** Who calls a model: an agent of a type, or the planner. */
export type ModelRole = AgentType | 'planner';
export const MODEL_ROLES: readonly ModelRole[] = [...ALL_AGENT_TYPES, 'planner'];

/** What a role uses unless the environment says otherwise. */
const DEFAULT_MODEL = 'claude-sonnet-5-5';

type RoleVariable = `CLAUDE_FLOW_MODEL_${Uppercase<ModelRole>}`;
const variableOf = (role: ModelRole) => `CLAUDE_FLOW_MODEL_${role.toUpperCase()}` as RoleVariable;

const modelName = (variable: string) =>
  z.string().refine(isModelName, `${variable} ${MODEL_NAME_RULE}, e.g. ${DEFAULT_MODEL}.`).optional();

/** `CLAUDE_FLOW_MODEL` for all roles, `CLAUDE_FLOW_MODEL_<ROLE>` for one; spread into a process's schema. */
export const modelChoiceEnv = {
  CLAUDE_FLOW_MODEL: modelName('CLAUDE_FLOW_MODEL'),
  ...(Object.fromEntries(
    MODEL_ROLES.map((role) => [variableOf(role), modelName(variableOf(role))]),
  ) as Record<RoleVariable, ReturnType<typeof modelName>>),
};
export type ModelChoice = { [Name in keyof typeof modelChoiceEnv]?: string | undefined };

/**
 * The model of a role. The role's own variable wins over the one for all.
 * @param wanted the swarm's own choice, made at its creation; wins over the environment
 */
export function modelFor(choice: ModelChoice, role: ModelRole, wanted?: string): string {
  return wanted ?? choice[variableOf(role)] ?? choice.CLAUDE_FLOW_MODEL ?? DEFAULT_MODEL;
}
