import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { hasWords } from '../tools/has-words.ts';
import { SUBMIT_RESULT, type Submission, submissionSchema } from '../tools/submit-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { MAX_TURNS, OUTPUT_CHARS, SUMMARY_CHARS } from '../tunables.ts';
import { answerText, goesOn } from './answer-text.ts';
import { type Notice, whyNoResult } from './no-result.ts';
import { type Turn, toolCalls } from './replay.ts';
import { standstill } from './standstill.ts';
import { meaningOf } from './stop-reason.ts';

/** What an agent does next: ask the model, run the last turn's tools, or end. */
export type NextStep =
  /** `notice`: what the model is told first, because of its last turn. */
  | { kind: 'ask'; notice?: Notice }
  | { kind: 'run-tools'; turn: Turn }
  | { kind: 'finish'; submission: Submission }
  | { kind: 'fail'; error: ClaudeFlowError };

/** Pure: the same journal leads to the same step in every attempt. @param turns all so far; the last one decides */
export function afterTurn(turns: readonly Turn[], toolbox: Toolbox): NextStep {
  const turn = turns.at(-1);
  if (turn === undefined) return { kind: 'ask' };
  const meaning = meaningOf(turn.stopReason);
  if (meaning === 'refused') return fail('model_refused', refusedBy(turn.stopReason));
  if (meaning === 'full') return fail('limit_exceeded', CONTEXT_FULL);

  if (!toolsAreDone(turn, toolbox)) return { kind: 'run-tools', turn };
  const submission = submitted(turn);
  if (submission !== undefined) return { kind: 'finish', submission };
  const lack = whyNoResult(turns, toolbox);
  if (lack === undefined && toolCalls(turn).length === 0 && !goesOn(turn)) {
    return { kind: 'finish', submission: fromText(answerText(turns)) };
  }
  const stuck = standstill(turns);
  if (lack !== undefined && 'last' in lack) return fail('no_result', lack.last);
  if (stuck !== undefined && 'last' in stuck) return fail('no_progress', stuck.last);
  if (turns.length >= MAX_TURNS) return fail('turn_limit', TOO_MANY_TURNS);
  const notice = (lack ?? stuck)?.notice;
  return notice === undefined ? { kind: 'ask' } : { kind: 'ask', notice };
}

/** Every call is answered, and what was written is kept. */
function toolsAreDone(turn: Turn, toolbox: Toolbox): boolean {
  const calls = toolCalls(turn);
  const wrote = calls.some((call) => toolbox.get(call.name)?.class === 'write');
  return calls.every((call) => turn.answers.has(call.id)) && (!wrote || turn.files !== undefined);
}

function submitted(turn: Turn): Submission | undefined {
  for (const call of toolCalls(turn)) {
    if (call.name !== SUBMIT_RESULT || turn.answers.get(call.id)?.isError !== false) continue;
    const parsed = submissionSchema.safeParse(call.input);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/** An agent that ends without `submit_result`: its text is the result. */
function fromText(text: string): Submission {
  const summary = text.split(/\n\s*\n/).find(hasWords) ?? text;
  return {
    summary: cutText(summary, SUMMARY_CHARS),
    decisions: [],
    output: cutText(text, OUTPUT_CHARS),
    open_questions: text.length > OUTPUT_CHARS ? [CUT_SHORT] : [],
  };
}

const CUT_SHORT = `The result was longer than ${OUTPUT_CHARS} characters; what came after that is missing.`;
const CONTEXT_FULL =
  "The task's conversation outgrew the model's context window. Split the task into smaller ones, or choose a model with a larger window.";
const TOO_MANY_TURNS = `The agent was not done after ${MAX_TURNS} turns. Split the task into smaller ones, or describe it more closely.`;

function refusedBy(stopReason: string | null): string {
  const said = stopReason === 'refusal' ? '' : ` (stop reason ${cutText(stopReason ?? '', 60)})`;
  return `The model declined to do this task${said}. Word the objective or the task differently, or choose another model.`;
}

function fail(
  code: 'model_refused' | 'limit_exceeded' | 'turn_limit' | 'no_result' | 'no_progress',
  message: string,
): NextStep {
  return { kind: 'fail', error: new ClaudeFlowError(code, message) };
}
