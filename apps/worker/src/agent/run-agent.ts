import type { RetryNotice } from '@claude-flow/llm/call-with-retry';
import type { SearchService } from '../tools/search-service.ts';
import type { Submission } from '../tools/submit-result.ts';
import type { Effort } from '../tools/tool.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { StoreFile, Workspace } from '../workspace/workspace.ts';
import { afterTurn } from './after-turn.ts';
import { type AskModelDeps, askModel, type FailedCall } from './ask-model.ts';
import type { AskPeople } from './ask-people.ts';
import { conversation } from './conversation.ts';
import { usageData } from './count-turn.ts';
import type { Notice } from './no-result.ts';
import { requestOf } from './pin-request.ts';
import { type Pinned, type Turn, toolCalls } from './replay.ts';
import { type Refusal, runTools } from './run-tools.ts';
import type { TaskJournal } from './task-journal.ts';

export interface AgentDeps extends AskModelDeps {
  journal: TaskJournal;
  toolbox: Toolbox;
  workspace: Workspace;
  /** Keeps a changed file's content in the ledger. */
  store: StoreFile;
  /** Puts calls before people. */
  askPeople: AskPeople;
  search: SearchService;
  /** What this attempt's tools have taken so far. */
  effort: Effort;
  attempt: number;
  /** Ends everything at once; its reason is thrown. */
  signal: AbortSignal;
  /** Ends the run at the next turn boundary; its reason is thrown. */
  drain: AbortSignal;
  onText(text: string): void;
  onRetry(notice: RetryNotice): void;
  /** The model was told that something is wrong with its turn; a sentence for people. */
  onNotice(log: string): void;
  /** Calls of a turn that were refused or failed. */
  onRefused(refusals: readonly Refusal[]): void;
  /** The model is not in the price list: its cost counts as 0. */
  onUnpriced(model: string): void;
}

/**
 * Turn after turn until the result is there. Each step follows from the journal alone and is written down before the next:
 * an attempt that takes over goes on where the last one was, and pays for no turn again.
 * @throws ClaudeFlowError when the task fails; the reasons of `signal` and `drain`
 */
export async function runAgent(deps: AgentDeps, pinned: Pinned): Promise<Submission> {
  const { turns } = deps.journal.replay;
  for (;;) {
    deps.signal.throwIfAborted();
    const step = afterTurn(turns, deps.toolbox);
    switch (step.kind) {
      case 'finish':
        return step.submission;
      case 'fail':
        throw step.error;
      case 'run-tools':
        await runTools(deps, step.turn);
        break;
      case 'ask':
        deps.drain.throwIfAborted();
        if (step.notice !== undefined) await tellModel(deps, turns.at(-1), step.notice);
        await takeTurn(deps, pinned);
        break;
    }
  }
}

/** Kept before it is said, so that every later attempt says the same to the letter. */
async function tellModel(deps: AgentDeps, turn: Turn | undefined, { text, log }: Notice): Promise<void> {
  if (turn === undefined || turn.notice !== undefined) return;
  await deps.journal.append({ kind: 'turn.notice', turn: turn.number, text });
  deps.onNotice(log);
}

async function takeTurn(deps: AgentDeps, pinned: Pinned): Promise<void> {
  const { journal } = deps;
  const turn = journal.replay.turns.length + 1;
  const { attempt } = deps;
  // Refused when the task is no longer ours, or the swarm's budget used up: then no call is made.
  const requested = (trouble?: string) =>
    journal.append({ kind: 'turn.requested', turn, attempt }, trouble === undefined ? {} : { trouble });
  const beforeRetry = ({ failure }: RetryNotice) => requested(failure.sentence);
  await requested();
  const request = requestOf(pinned, conversation(pinned, journal.replay.turns));
  const onFailed = async ({ reason, requestId, reported, ...metered }: FailedCall) => {
    const entry = { kind: 'turn.failed' as const, turn, attempt, reason, usage: reported, requestId };
    const progress = { turn, failed: true, reason, ...usageData(metered) };
    await journal.append(entry, { usage: metered.usage, turns: 0, progress });
  };
  const answer = await askModel(deps, request, { ...callbacks(deps), onFailed, beforeRetry });
  const { message, requestId } = answer;
  if (!answer.priced) deps.onUnpriced(pinned.model);
  const entry = {
    kind: 'turn.completed' as const,
    turn,
    content: message.content,
    stopReason: message.stop_reason,
    usage: answer.reported,
    requestId,
  };
  const progress = {
    turn,
    ...usageData(answer),
    tools: toolCalls(message).map((call) => call.name),
  };
  await journal.append(entry, { usage: answer.usage, progress });
}

function callbacks({ signal, drain, onText, onRetry }: AgentDeps) {
  return { signal, drain, onText, onRetry };
}
