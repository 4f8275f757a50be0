import { cutText } from '@claude-flow/core/domain/cut-text';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { SUBMIT_RESULT, type Submission, submissionSchema } from '../tools/submit-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { MAX_TURNS, OUTPUT_CHARS, SUMMARY_CHARS } from '../tunables.ts';
import { type Turn, textOf, toolCalls } from './replay.ts';

/** What an agent does next: ask the model, run the last turn's tools, or end. */
export type NextStep =
  | { kind: 'ask' }
  | { kind: 'run-tools'; turn: Turn }
  | { kind: 'finish'; submission: Submission }
  | { kind: 'fail'; error: ClaudeFlowError };

/** Pure: the same journal leads to the same step in every attempt. @param turns all so far; the last one decides */
export function afterTurn(turns: readonly Turn[], toolbox: Toolbox): NextStep {
  const turn = turns.at(-1);
  if (turn === undefined) return { kind: 'ask' };
  if (turn.stopReason === 'refusal') return fail('model_refused', REFUSED);
  if (turn.stopReason === 'model_context_window_exceeded') return fail('limit_exceeded', CONTEXT_FULL);

  if (!toolsAreDone(turn, toolbox)) return { kind: 'run-tools', turn };
  const submission = submitted(turn);
  if (submission !== undefined) return { kind: 'finish', submission };
  if (toolCalls(turn).length === 0 && !isCut(turn)) {
    const text = textOf(turn);
    // Asked once already whether that was all.
    const asked = turns.slice(0, -1).some(isSilent);
    if (text !== '' || asked) return { kind: 'finish', submission: fromText(text) };
  }
  return turns.length >= MAX_TURNS ? fail('turn_limit', TOO_MANY_TURNS) : { kind: 'ask' };
}

/** Every call is answered, and what was written is kept. */
function toolsAreDone(turn: Turn, toolbox: Toolbox): boolean {
  const calls = toolCalls(turn);
  const wrote = calls.some((call) => toolbox.get(call.name)?.class === 'write');
  return calls.every((call) => turn.answers.has(call.id)) && (!wrote || turn.files !== undefined);
}

/** The turn goes on: at the output limit, or because the provider paused it. Every other reason, known or not, is an end. */
function isCut(turn: Turn): boolean {
  return turn.stopReason === 'max_tokens' || turn.stopReason === 'pause_turn';
}

function isSilent(turn: Turn): boolean {
  return toolCalls(turn).length === 0 && !isCut(turn) && textOf(turn) === '';
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
  const firstParagraph = text.split(/\n\s*\n/)[0] ?? '';
  return {
    summary: cutText(firstParagraph, SUMMARY_CHARS) || 'The agent ended without a report.',
    decisions: [],
    output: cutText(text, OUTPUT_CHARS),
    open_questions: [],
  };
}

const REFUSED =
  'The model declined to do this task. Word the objective or the task differently, or choose another model.';
const CONTEXT_FULL =
  "The task's conversation outgrew the model's context window. Split the task into smaller ones, or choose a model with a larger window.";
const TOO_MANY_TURNS = `The agent was not done after ${MAX_TURNS} turns. Split the task into smaller ones, or describe it more closely.`;

function fail(code: 'model_refused' | 'limit_exceeded' | 'turn_limit', message: string): NextStep {
  return { kind: 'fail', error: new ClaudeFlowError(code, message) };
}
