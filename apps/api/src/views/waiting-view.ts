import type { TaskState } from '@claude-flow/core/domain/task';

/** What a waiting task waits for, and in a sentence why it does not run; null for every other task. */
export function waitingView({ status, waitingFor, waitsOn = [] }: TaskState) {
  if (status !== 'waiting' || waitingFor === undefined) return null;
  const many = waitsOn.length > 1;
  const message =
    waitingFor === 'approval'
      ? `It waits for ${waitsOn.length} ${many ? 'approvals' : 'approval'}: decide with POST /api/swarm/{id}/approvals/{approvalId}.`
      : `It waits for ${many ? `${waitsOn.length} tasks` : (waitsOn[0] ?? 'a task')} to end.`;
  return { for: waitingFor, ids: waitsOn, message };
}
