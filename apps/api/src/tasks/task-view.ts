import { isTerminalTask } from '@claude-flow/core/domain/states';
import type { TaskResult } from '@claude-flow/core/domain/task';
import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import { iso, isoOrNull } from '../http/time.ts';
import { usageView } from '../swarms/usage-view.ts';
import { waitingView } from './waiting-view.ts';

/** A task as the document shows it, and what it leaves out. */
export function taskView(swarmId: string, { spec, state }: StoredTask, result: TaskResult | undefined) {
  return {
    id: { id: spec.id, swarmId, sequence: spec.sequence, priority: spec.priority },
    key: spec.key,
    name: spec.name,
    description: spec.description,
    type: spec.type,
    status: state.status,
    assignedTo: assignedTo(state),
    agentType: spec.agentType,
    dependencies: spec.dependencies,
    onFailure: spec.onFailure,
    waiting: waitingView(state, Date.now()),
    attempt: state.attempt,
    failures: state.failures,
    turns: state.turns,
    createdAt: iso(spec.createdAt),
    startedAt: isoOrNull(state.startedAt),
    completedAt: isoOrNull(state.endedAt),
    error:
      state.errorMessage === undefined
        ? null
        : { code: state.errorCode ?? state.status, message: state.errorMessage },
    usage: usageView(state),
    result: result === undefined ? null : resultView(result, executionTime(state)),
  };
}

/** Ids of those that have a result. */
export const completedOf = (tasks: readonly StoredTask[]): string[] =>
  tasks.filter(({ state }) => state.status === 'completed').map(({ spec }) => spec.id);

/** Who does it, did it, or was chosen to do it. */
export function assignedTo({ status, agentId, pinnedTo }: StoredTask['state']): { id: string } | null {
  const waits = !isTerminalTask(status) && status !== 'queued' && status !== 'running';
  const id = waits ? (pinnedTo ?? agentId) : agentId;
  return id === undefined ? null : { id };
}

function resultView(result: TaskResult, executionTimeMs: number | null) {
  return {
    output: result.output,
    summary: result.summary,
    decisions: result.decisions,
    openQuestions: result.openQuestions,
    quality: result.quality,
    executionTime: executionTimeMs,
  };
}

/** Milliseconds of the last attempt; null when it has not both begun and ended. */
function executionTime(state: StoredTask['state']): number | null {
  return state.startedAt === undefined || state.endedAt === undefined
    ? null
    : state.endedAt - state.startedAt;
}
