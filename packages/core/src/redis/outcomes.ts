import { ClaudeFlowError, type ErrorCode } from '../domain/errors.ts';
import { swarmConflict, taskConflict } from './conflict-sentences.ts';

/** What the numbers that scripts answer mean. The same numbers stand in `lua/includes/outcomes.lua`. */
export const OUTCOME = {
  ok: 1,
  /** Nothing to do: it is already so. */
  already: 0,
  swarmNotFound: -1,
  taskNotFound: -2,
  swarmState: -3,
  taskState: -4,
  fenced: -5,
  staleAttempt: -6,
  limit: -7,
  tooLarge: -8,
  agentNotFound: -9,
  approvalNotFound: -20,
  approvalState: -21,
  /** It reached Redis after its caller had given up. */
  tooLate: -30,
  /** The swarm with this id was deleted. */
  swarmDeleted: -31,
  /** Tasks were added, or taken out again, since the plan's ids were given out. */
  tasksAdded: -32,
} as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

export const OUTCOME_NAMES: Readonly<Record<number, keyof typeof OUTCOME>> = Object.fromEntries(
  Object.entries(OUTCOME).map(([name, number]) => [number, name as keyof typeof OUTCOME]),
);

const ERRORS: Record<number, [ErrorCode, (state: string, script: string) => string]> = {
  [OUTCOME.swarmNotFound]: ['swarm_not_found', () => 'There is no swarm with that id.'],
  [OUTCOME.taskNotFound]: [
    'task_not_found',
    (id) => `There is no task ${id === '' ? 'with that id' : id} in this swarm.`,
  ],
  [OUTCOME.swarmState]: ['swarm_state_conflict', swarmConflict],
  [OUTCOME.taskState]: ['task_state_conflict', taskConflict],
  [OUTCOME.fenced]: ['fenced', () => 'The task has been given to another attempt.'],
  [OUTCOME.staleAttempt]: ['fenced', () => 'A later attempt of the task exists.'],
  [OUTCOME.limit]: ['limit_exceeded', (state) => state],
  [OUTCOME.agentNotFound]: ['agent_not_found', () => 'There is no agent with that id at work in this swarm.'],
  [OUTCOME.approvalNotFound]: [
    'approval_not_found',
    () => 'There is no approval with that id in this swarm.',
  ],
  [OUTCOME.approvalState]: [
    'approval_state_conflict',
    (state) => `The approval is ${state} already; the first decision counts.`,
  ],
  [OUTCOME.tooLate]: [
    'redis_unavailable',
    () => 'The command reached Redis too late and was refused; it has changed nothing. Try again.',
  ],
  [OUTCOME.swarmDeleted]: ['swarm_not_found', () => 'The swarm with that id was deleted.'],
  [OUTCOME.tooLarge]: ['artifact_too_large', (state) => state],
};

/**
 * Turns a refusal into its typed error.
 * @param state the second element of the script's reply
 * @param script which refused, so that a conflict can say what was asked for
 */
export function outcomeError(outcome: number, state: unknown, script = ''): ClaudeFlowError {
  const entry = ERRORS[outcome];
  if (entry === undefined)
    return new ClaudeFlowError('internal', `A script answered the unknown outcome ${outcome}.`);
  return new ClaudeFlowError(entry[0], entry[1](typeof state === 'string' ? state : '', script), {
    retryable: outcome === OUTCOME.tooLate,
  });
}
