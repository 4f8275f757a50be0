import type { RetryNotice } from '@claude-flow/llm/call-with-retry';
import type { Submission } from '../tools/submit-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { StoreFile, Workspace } from '../workspace/workspace.ts';
import { afterTurn } from './after-turn.ts';
import { type AskModelDeps, askModel } from './ask-model.ts';
import type { AskPeople } from './ask-people.ts';
import { conversation } from './conversation.ts';
import { requestOf } from './pin-request.ts';
import { type Pinned, toolCalls } from './replay.ts';
import { runTools } from './run-tools.ts';
import type { TaskJournal } from './task-journal.ts';

export interface AgentDeps extends AskModelDeps {
  journal: TaskJournal;
  toolbox: Toolbox;
  workspace: Workspace;
  /** Keeps a changed file's content in the ledger. */
  store: StoreFile;
  /** Puts calls before people. */
  askPeople: AskPeople;
  attempt: number;
  /** Ends everything at once; its reason is thrown. */
  signal: AbortSignal;
  /** Ends the run at the next turn boundary; its reason is thrown. */
  drain: AbortSignal;
  onText(text: string): void;
  onRetry(notice: RetryNotice): void;
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
        await takeTurn(deps, pinned);
        break;
    }
  }
}

async function takeTurn(deps: AgentDeps, pinned: Pinned): Promise<void> {
  const { journal } = deps;
  const turn = journal.replay.turns.length + 1;
  // Refused when the task is no longer ours: then no call is made.
  await journal.append({ kind: 'turn.requested', turn, attempt: deps.attempt });
  const request = requestOf(pinned, conversation(pinned, journal.replay.turns));
  const { message, requestId, usage, priced } = await askModel(deps, request, deps);
  if (!priced) deps.onUnpriced(pinned.model);
  const entry = {
    kind: 'turn.completed' as const,
    turn,
    content: message.content,
    stopReason: message.stop_reason,
    usage: { ...message.usage },
    requestId,
  };
  const progress = {
    turn,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    costUsd: usage.costMicros / 1e6,
    tools: toolCalls(message).map((call) => call.name),
    ...(priced ? {} : { priced: false }),
  };
  await journal.append(entry, { usage, progress });
}
