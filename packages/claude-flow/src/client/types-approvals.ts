/** `cancelled`: its task ended before anybody decided. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'cancelled';

/** What an agent may not go on with until a person has decided. */
export interface ApprovalInfo {
  id: string;
  kind: 'tool' | 'question';
  status: ApprovalStatus;
  taskId: string;
  agentId: string | null;
  tool: string;
  question: string | null;
  /** Of the call; null when it is too long to be kept whole. */
  input: Record<string, unknown> | null;
  /** The same as JSON text, or its beginning when `inputCut`. */
  inputText: string;
  inputCut: boolean;
  /** What a call that writes a file would do to it. */
  change: {
    path: string;
    /** Of the file afterwards. */
    bytes: number;
    created: boolean;
    /** Unified diff against the file as it is, or its beginning when `diffCut`. */
    diff: string;
    diffCut: boolean;
  } | null;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  note: string | null;
}

/** Answer of `getApproval`. */
export interface ApprovalAnswer {
  swarmId: string;
  approval: ApprovalInfo;
  /** The whole input of the call; null when it is not kept any more. */
  fullInput: unknown;
}

/** Answer of `listApprovals`. */
export interface ApprovalsAnswer {
  swarmId: string;
  approvals: ApprovalInfo[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}
