import type { Approval } from '@claude-flow/core/domain/approval';
import type { OwnerNames } from '@claude-flow/core/store/owner-names';
import { iso, isoOrNull } from '../http/time.ts';

export function approvalView(approval: Approval, ownerNames: OwnerNames) {
  return {
    id: approval.id,
    kind: approval.kind,
    status: approval.status,
    taskId: approval.taskId,
    agentId: approval.agentId ?? null,
    tool: approval.tool,
    question: approval.question === '' ? null : approval.question,
    input: approval.inputCut ? null : inputObject(approval.input),
    inputText: approval.input,
    inputCut: approval.inputCut,
    change: approval.change ?? null,
    requestedAt: iso(approval.requestedAt),
    decidedAt: isoOrNull(approval.decidedAt),
    decidedBy: approval.decidedBy === undefined ? null : ownerNames.shown(approval.decidedBy),
    note: approval.note ?? null,
  };
}

/** A model may have called with anything; what is no object, is none to show. */
function inputObject(text: string): Record<string, unknown> | null {
  try {
    const input: unknown = JSON.parse(text);
    return isRecord(input) ? input : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
