import { cutText } from '@claude-flow/core/domain/cut-text';
import type { ArtifactEntry, TaskResult, TaskSpec } from '@claude-flow/core/domain/task';
import { addUsage, NO_USAGE } from '@claude-flow/llm/cost';
import { meterJournaled, usageData } from '../agent/count-turn.ts';
import type { Pinned, Replay } from '../agent/replay.ts';
import type { Submission } from '../tools/submit-result.ts';
import { EVENT_SUMMARY_CHARS } from '../tunables.ts';

export function taskResult(submission: Submission, artifacts: ArtifactEntry[]): TaskResult {
  return {
    summary: submission.summary,
    decisions: submission.decisions,
    output: submission.output,
    openQuestions: submission.open_questions,
    artifacts,
    quality: null,
  };
}

/** What the event `task.completed` tells. Turns, tokens and cost are those of all attempts. */
export function completionData(
  result: TaskResult,
  run: { spec: TaskSpec; durationMs: number; pinned: Pinned; replay: Pick<Replay, 'turns' | 'failedUsage'> },
): Record<string, unknown> {
  const { turns, failedUsage } = run.replay;
  const metered = [...turns.map((turn) => turn.usage), ...failedUsage].map((usage) =>
    meterJournaled(run.pinned.model, usage),
  );
  const usage = metered.map((entry) => entry.usage).reduce(addUsage, NO_USAGE);
  return {
    name: run.spec.name,
    agentType: run.spec.agentType,
    summary: cutText(result.summary, EVENT_SUMMARY_CHARS),
    durationMs: Math.round(run.durationMs),
    turns: turns.length,
    ...usageData({ usage, priced: metered.every((entry) => entry.priced) }),
    artifacts: result.artifacts.map((entry) => entry.path),
  };
}
