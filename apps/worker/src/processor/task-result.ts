import { cutText } from '@claude-flow/core/domain/cut-text';
import type { ArtifactEntry, TaskResult, TaskSpec } from '@claude-flow/core/domain/task';
import { addUsage, meterUsage, NO_USAGE, type ReportedUsage } from '@claude-flow/llm/cost';
import type { Pinned, Turn } from '../agent/replay.ts';
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
  run: { spec: TaskSpec; durationMs: number; pinned: Pinned; turns: readonly Turn[] },
): Record<string, unknown> {
  const metered = run.turns.map((turn) => meterUsage(run.pinned.model, turn.usage as ReportedUsage));
  const usage = metered.map((entry) => entry.usage).reduce(addUsage, NO_USAGE);
  return {
    name: run.spec.name,
    agentType: run.spec.agentType,
    summary: cutText(result.summary, EVENT_SUMMARY_CHARS),
    durationMs: Math.round(run.durationMs),
    turns: run.turns.length,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    costUsd: usage.costMicros / 1e6,
    ...(metered.every((entry) => entry.priced) ? {} : { priced: false }),
    artifacts: result.artifacts.map((entry) => entry.path),
  };
}
