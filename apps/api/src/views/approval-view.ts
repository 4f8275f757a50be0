import type { Approval } from '@claude-flow/core/domain/approval';
import { iso, isoOrNull } from './time.ts';

export function approvalView(approval: Approval) {
  return {
    id: approval.id,
    kind: approval.kind,
    status: approval.status,
    taskId: approval.taskId,
    agentId: approval.agentId ?? null,
    tool: approval.tool,
    question: approval.question === '' ? null : approval.question,
    input: approval.input,
    inputCut: approval.inputCut,
    requestedAt: iso(approval.requestedAt),
    decidedAt: isoOrNull(approval.decidedAt),
    decidedBy: approval.decidedBy ?? null,
    note: approval.note ?? null,
  };
}
