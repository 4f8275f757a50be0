/** `cancelled`: its task ended before anybody decided. */
export type ApprovalStatus = 'pending' | 'approved' | 'denied' | 'cancelled';

/** What an agent may not go on with until a person has decided. `input`: JSON text of the call, or its beginning. */
export interface ApprovalInfo {
  id: string;
  kind: 'tool' | 'question';
  status: ApprovalStatus;
  taskId: string;
  agentId: string | null;
  tool: string;
  question: string | null;
  input: string;
  inputCut: boolean;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  note: string | null;
}

export interface ApprovalsAnswer {
  swarmId: string;
  approvals: ApprovalInfo[];
  count: number;
}
