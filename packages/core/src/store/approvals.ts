import { createHash } from 'node:crypto';
import {
  type Approval,
  type ApprovalKind,
  type ApprovalStatus,
  type FileChange,
  isApprovalId,
} from '../domain/approval.ts';
import { cutText } from '../domain/cut-text.ts';
import { ClaudeFlowError } from '../domain/errors.ts';
import { APPROVAL_INPUT_CHARS, SWARM_APPROVALS } from '../runtime/tunables.ts';
import { readJournalFrom } from './journal.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

/** Entries of a journal read at once. */
const ENTRIES = 50;

/** One call of a tool that a person has to decide on. */
export interface ApprovalWish {
  kind: ApprovalKind;
  turn: number;
  /** The call's id in the conversation. */
  callId: string;
  tool: string;
  question?: string;
  input: unknown;
  change?: FileChange | undefined;
}

/** The same call of the same task always has the same id: asked twice, it is one approval. */
export function approvalId(taskId: string, wish: Pick<ApprovalWish, 'turn' | 'callId' | 'tool' | 'input'>) {
  const what = JSON.stringify([wish.turn, wish.callId, wish.tool, wish.input]);
  const digest = createHash('sha256').update(what).digest('hex').slice(0, 12);
  return `approval_${taskId.slice('task_'.length)}_${digest}`;
}

/**
 * Has a task wait until people have decided on all of these. Its agent and its worker's place are free meanwhile; the
 * journal stays, and no retry is spent. Sending it again is fine.
 * @returns `running` when all are decided already: the task is still this claim's
 * @throws ClaudeFlowError `fenced`, `limit_exceeded`
 */
export async function askApproval(
  ledger: Ledger,
  claim: TaskClaim,
  wishes: readonly ApprovalWish[],
): Promise<'waiting' | 'running'> {
  const { swarmId, taskId, token } = claim;
  // A model may make the very same call twice in a turn: one decision for both.
  const approvals = new Map<string, object>();
  for (const wish of wishes) {
    const id = approvalId(taskId, wish);
    const input = JSON.stringify(wish.input) ?? '';
    const { kind, turn, tool, question = '', change } = wish;
    const inputCut = input.length > APPROVAL_INPUT_CHARS;
    const shown = cutText(input, APPROVAL_INPUT_CHARS);
    approvals.set(id, { id, kind, turn, tool, question, input: shown, inputCut, change });
  }
  const [, status] = await transition(
    ledger,
    'ask-approval',
    { swarmId },
    { taskId, token, wishes: JSON.stringify([...approvals.values()]), maxApprovals: SWARM_APPROVALS },
  );
  return status as 'waiting' | 'running';
}

/**
 * Decides. The first decision counts; the same one once more changes nothing. Dispatch the swarm afterwards.
 * @throws ClaudeFlowError `swarm_not_found`, `approval_not_found`, `approval_state_conflict`
 */
export async function decideApproval(
  ledger: Ledger,
  swarmId: string,
  wish: { approvalId: string; decision: 'approved' | 'denied'; note?: string; decidedBy: string },
): Promise<{ changed: boolean; approval: Approval }> {
  const { approvalId: id, decision, note = '', decidedBy } = wish;
  if (!isApprovalId(id))
    throw new ClaudeFlowError('approval_not_found', 'There is no approval with that id in this swarm.');
  const args = { approvalId: id, decision, note, decidedBy };
  const [outcome, json] = await transition(ledger, 'decide-approval', { swarmId }, args);
  return { changed: outcome === 1, approval: JSON.parse(String(json)) as Approval };
}

/** All approvals of a swarm, oldest first; at most `SWARM_APPROVALS`. */
export async function listApprovals(
  ledger: Ledger,
  swarmId: string,
  status?: ApprovalStatus,
): Promise<Approval[]> {
  const all = await ledger.redis.hvals(ledger.keys.swarm(swarmId, 'approvals'));
  return all
    .map((json) => JSON.parse(json) as Approval)
    .filter((approval) => status === undefined || approval.status === status)
    .sort((a, b) => a.requestedAt - b.requestedAt || a.id.localeCompare(b.id));
}

/**
 * The whole input of the call that an approval is about.
 * @returns undefined when it is not kept any more: the task began anew since
 */
export async function readApprovalInput(
  ledger: Ledger,
  swarmId: string,
  approval: Pick<Approval, 'id' | 'taskId' | 'turn' | 'tool'>,
): Promise<unknown> {
  const { id, taskId, turn, tool } = approval;
  for (let at = 0; ; at += ENTRIES) {
    const entries = await readJournalFrom(ledger, swarmId, taskId, at, ENTRIES);
    for (const entry of entries) {
      if (entry.kind !== 'turn.completed' || entry.turn !== turn || !Array.isArray(entry.content)) continue;
      for (const block of entry.content as Partial<Record<'id' | 'name' | 'input', unknown>>[]) {
        const { id: callId, name, input } = block;
        if (name !== tool || typeof callId !== 'string') continue;
        if (approvalId(taskId, { turn, callId, tool, input }) === id) return input;
      }
    }
    if (entries.length < ENTRIES) return undefined;
  }
}

/** Several approvals by id; those that were never asked for are left out. */
export async function readApprovals(
  ledger: Ledger,
  swarmId: string,
  ids: readonly string[],
): Promise<Map<string, Approval>> {
  if (ids.length === 0) return new Map();
  const texts = await ledger.redis.hmget(ledger.keys.swarm(swarmId, 'approvals'), ...ids);
  const found = texts.filter((json) => json !== null).map((json) => JSON.parse(json) as Approval);
  return new Map(found.map((approval) => [approval.id, approval]));
}
