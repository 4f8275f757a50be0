import type Anthropic from '@anthropic-ai/sdk';
import type { Approval, FileChange } from '@claude-flow/core/domain/approval';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { type ApprovalWish, approvalId, askApproval, readApprovals } from '@claude-flow/core/store/approvals';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { AttemptAborted } from '../lease/attempt-aborted.ts';
import { guardedWrite } from '../lease/guarded-write.ts';
import type { HeldTask } from '../lease/held-task.ts';
import { ASK_HUMAN, askHumanSchema } from '../tools/ask-human.ts';
import type { Decision } from '../tools/tool.ts';
import type { Turn } from './replay.ts';

/**
 * What people decided, by the call's id; undefined for what can no longer be asked in this swarm.
 * @throws AttemptAborted `waiting` while anything is undecided: the task is not ours any more, another attempt goes on
 */
export type AskPeople = (wishes: readonly ApprovalWish[]) => Promise<Map<string, Approval> | undefined>;

export function createAskPeople(ledger: Ledger, task: HeldTask): AskPeople {
  const { swarmId, taskId } = task.claim;
  return async (wishes) => {
    try {
      const status = await guardedWrite(task.work, () => askApproval(ledger, task.claim, wishes));
      if (status === 'waiting') throw new AttemptAborted('waiting');
    } catch (error) {
      if (error instanceof ClaudeFlowError && error.code === 'limit_exceeded') return undefined;
      throw error;
    }
    const ids = wishes.map((wish) => [wish.callId, approvalId(taskId, wish)] as const);
    const decided = await guardedWrite(task.work, () =>
      readApprovals(
        ledger,
        swarmId,
        ids.map(([, id]) => id),
      ),
    );
    const byCall = ids.map(([callId, id]) => [callId, decided.get(id)] as const);
    return new Map(byCall.filter((entry): entry is [string, Approval] => entry[1] !== undefined));
  };
}

/** Either a sentence for the model, or leave to go on. */
export interface Verdict {
  refusal?: string;
  decision: Decision;
}

/** What becomes of a turn's calls that people have to approve. All are asked for at once. */
export async function peoplesVerdicts(
  askPeople: AskPeople,
  turn: Turn,
  calls: readonly { call: Anthropic.ToolUseBlock; change: FileChange | undefined }[],
): Promise<Map<string, Verdict>> {
  const decided = await askPeople(calls.map(({ call, change }) => ({ ...wishOf(turn, call), change })));
  return new Map(calls.map(({ call }) => [call.id, verdictOf(call.name, decided?.get(call.id))]));
}

function wishOf(turn: Turn, call: Anthropic.ToolUseBlock): ApprovalWish {
  const wish = { turn: turn.number, callId: call.id, tool: call.name, input: call.input };
  if (call.name !== ASK_HUMAN) return { ...wish, kind: 'tool' };
  return { ...wish, kind: 'question', question: askHumanSchema.parse(call.input).question };
}

function verdictOf(tool: string, approval: Approval | undefined): Verdict {
  if (approval === undefined) return { refusal: TOO_MANY, decision: {} };
  const { status, note } = approval;
  if (status === 'approved') return { decision: note === undefined ? {} : { note } };
  const why = note === undefined ? '.' : `: ${note}`;
  if (tool === ASK_HUMAN) return { refusal: `The person declined to answer${why}\n${GUESS}`, decision: {} };
  return { refusal: `A person denied this call of ${tool}${why}\n${DO_WITHOUT}`, decision: {} };
}

const TOO_MANY =
  'Not run: a person would have to approve this call, and this swarm has asked for too many approvals already. Do without it, or say in submit_result what is missing.';
const GUESS = 'Take the most sensible meaning and write it under open_questions.';
const DO_WITHOUT = 'Do not make the same call again. Do without it, or say in submit_result what is missing.';
