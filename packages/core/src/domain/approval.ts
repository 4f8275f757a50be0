import type { AgentId, TaskId } from './ids.ts';

export const APPROVAL_STATUSES = ['pending', 'approved', 'denied', 'cancelled'] as const;
/** `cancelled`: the task ended before anybody decided. */
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** `tool`: may this call be made? `question`: the agent asks a person; the decision's note is the answer. */
export const APPROVAL_KINDS = ['tool', 'question'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** `approval_001_<12 hex>`: the task's number, and what is asked. */
export type ApprovalId = string;
export const APPROVAL_ID_PATTERN = /^approval_[0-9]{3,9}_[0-9a-f]{12}$/;

export function isApprovalId(text: string): text is ApprovalId {
  return APPROVAL_ID_PATTERN.test(text);
}

/** What an approved call would do to a file. */
export interface FileChange {
  path: string;
  /** Of the file afterwards; of the new text when the change does not fit the file as it is. */
  bytes: number;
  /** There is no such file yet. */
  created: boolean;
  /** Unified diff against the file as it is, or its beginning. */
  diff: string;
  diffCut: boolean;
}

/** Something that an agent may not go on with until a person has decided. Times are milliseconds since 1970, by Redis. */
export interface Approval {
  id: ApprovalId;
  kind: ApprovalKind;
  taskId: TaskId;
  agentId?: AgentId;
  attempt: number;
  turn: number;
  tool: string;
  /** The question; empty for a call of a tool. */
  question: string;
  /** The call's input as JSON text, or its beginning. */
  input: string;
  /** The input is longer than what is shown of it. */
  inputCut: boolean;
  /** Of a call that writes a file. */
  change?: FileChange;
  status: ApprovalStatus;
  requestedAt: number;
  decidedAt?: number;
  /** The owner, by whose key it was decided. */
  decidedBy?: string;
  note?: string;
}
