import type { TaskState } from '@claude-flow/core/domain/task';
import { iso } from '../http/time.ts';

interface WaitingView {
  for: 'approval' | 'children' | 'model';
  /** Of open approvals, or tasks. */
  ids: string[];
  message: string;
}

/**
 * What a waiting task waits for, or a running one whose model call is made again later, and in a sentence why nothing happens;
 * null for every other task.
 * @param now milliseconds since 1970
 */
export function waitingView(state: TaskState, now: number): WaitingView | null {
  const until = modelWaitOf(state, now);
  if (until !== undefined) return { for: 'model', ids: [], message: until };
  const { status, waitingFor, waitsOn = [] } = state;
  if (status !== 'waiting' || waitingFor === undefined) return null;
  const many = waitsOn.length > 1;
  const message =
    waitingFor === 'approval'
      ? `It waits for ${waitsOn.length} ${many ? 'approvals' : 'approval'}: decide with POST /api/swarm/{id}/approvals/{approvalId}.`
      : `It waits for ${many ? `${waitsOn.length} tasks` : (waitsOn[0] ?? 'a task')} to end.`;
  return { for: waitingFor, ids: waitsOn, message };
}

/** Until when a running task waits for its model provider, and why; undefined when it does not. */
export function modelWaitOf({ status, attempt, modelWait }: TaskState, now: number): string | undefined {
  if (status !== 'running' || modelWait?.attempt !== attempt || modelWait.until <= now) return undefined;
  return `It waits until ${iso(modelWait.until)} before it asks the model again. ${modelWait.reason}`;
}
