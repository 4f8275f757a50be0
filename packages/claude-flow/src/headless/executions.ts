import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { AttemptAborted } from '@claude-flow/worker/lease/attempt-aborted';
import type { AttemptOutcome } from '@claude-flow/worker/processor/attempt-outcome';
import type { TaskOutcome } from './wishes.ts';

interface Execution {
  /** Does the attempt, once however often it is asked for. */
  begin(): Promise<AttemptOutcome>;
  outcome?: AttemptOutcome;
  error?: { thrown: unknown };
}

export interface Executions {
  /** For the worker: has the program execute a task that was delivered. */
  deliver(
    which: { swarmId: string; taskId: string },
    run: () => Promise<AttemptOutcome>,
    execute: (swarmId: string, taskId: string) => Promise<unknown>,
  ): Promise<AttemptOutcome>;
  /** The engine's own way to execute a delivered task; undefined when none was delivered. */
  begin(swarmId: string, taskId: string): Promise<TaskOutcome> | undefined;
}

export function createExecutions(): Executions {
  const delivered = new Map<string, Execution>();
  const keyOf = (swarmId: string, taskId: string) => `${swarmId}/${taskId}`;

  return {
    async deliver({ swarmId, taskId }, run, execute) {
      const key = keyOf(swarmId, taskId);
      let started: Promise<AttemptOutcome> | undefined;
      const execution: Execution = {
        begin: () => {
          started ??= run().then(
            (outcome) => {
              execution.outcome = outcome;
              return outcome;
            },
            (thrown: unknown) => {
              execution.error = { thrown };
              throw thrown;
            },
          );
          return started;
        },
      };
      delivered.set(key, execution);
      const startedAt = performance.now();
      try {
        const returned = await execute(swarmId, taskId);
        // An attempt that failed has failed, also when the program swallowed the error.
        if (execution.error !== undefined) throw execution.error.thrown;
        return execution.outcome ?? ownOutcome(returned, performance.now() - startedAt);
      } catch (error) {
        const first = execution.error?.thrown;
        // Told to stop from outside: no failure, whatever the program makes of it.
        throw first instanceof AttemptAborted ? first : error;
      } finally {
        if (delivered.get(key) === execution) delivered.delete(key);
      }
    },
    begin(swarmId, taskId) {
      const execution = delivered.get(keyOf(swarmId, taskId));
      return execution?.begin().then(({ result, data }) => ({
        output: result.output,
        summary: result.summary,
        quality: result.quality,
        executionTime: typeof data['durationMs'] === 'number' ? data['durationMs'] : null,
        decisions: result.decisions,
        openQuestions: result.openQuestions,
      }));
    },
  };
}

/** A program that executes tasks by itself gives the output. */
function ownOutcome(returned: unknown, durationMs: number): AttemptOutcome {
  const given =
    typeof returned === 'string' ? { output: returned } : (returned as Partial<TaskOutcome> | undefined);
  if (typeof given?.output !== 'string') {
    throw new ClaudeFlowError(
      'validation_failed',
      'executeTask of this program gave no result. Return that of super.executeTask, or { output } of your own.',
    );
  }
  const {
    output,
    summary = cutText(output, 500),
    decisions = [],
    openQuestions = [],
    quality = null,
  } = given;
  const result = { output, summary, decisions, openQuestions, quality, artifacts: [] };
  return { result, data: { summary, durationMs: Math.round(durationMs), turns: 0, costUsd: 0 } };
}
