import type Anthropic from '@anthropic-ai/sdk';
import { isBlank } from '@claude-flow/llm/normalise-content';
import type { Pinned, Turn } from './replay.ts';
import { textOf, toolCalls } from './replay.ts';
import { meaningOf } from './stop-reason.ts';

const CUT_OFF =
  'Your answer was cut off at the limit of one turn. Go on where it stopped; when everything is done, call submit_result.';
/** For journals of a release that did not keep its notices. */
const NOTHING_SAID =
  'You ended without a result. If the task is done, call submit_result; if something is missing, say there what it is.';

/**
 * The messages of the next request: the journal alone decides them, so that every attempt sends the same bytes and no
 * thinking block loses what it is bound to.
 */
export function conversation(pinned: Pinned, turns: readonly Turn[]): Anthropic.MessageParam[] {
  const messages = [pinned.firstMessage as Anthropic.MessageParam];
  for (const turn of turns) {
    // The last release kept blank texts; neither they nor an answer without content can be sent back.
    const content = turn.content.filter((block) => block.type !== 'text' || !isBlank(block.text));
    if (content.length > 0) messages.push({ role: 'assistant', content });
    const reply = replyTo(turn);
    if (reply !== undefined) messages.push({ role: 'user', content: reply });
  }
  return messages;
}

function replyTo(turn: Turn): Anthropic.MessageParam['content'] | undefined {
  const calls = toolCalls(turn);
  const { notice } = turn;
  if (calls.length > 0) {
    const results = calls.map((call) => toolResult(turn, call.id));
    return notice === undefined ? results : [...results, { type: 'text', text: notice }];
  }
  if (notice !== undefined) return notice;
  switch (meaningOf(turn.stopReason)) {
    case 'paused':
      // Sent back unchanged, the provider goes on with it.
      return turn.content.length > 0 ? undefined : CUT_OFF;
    case 'cut':
      return CUT_OFF;
    default:
      return textOf(turn) === '' ? NOTHING_SAID : undefined;
  }
}

function toolResult(turn: Turn, id: string): Anthropic.ToolResultBlockParam {
  const answer = turn.answers.get(id);
  if (answer === undefined) throw new Error(`The tool call ${id} of turn ${turn.number} has no answer`);
  const result = { type: 'tool_result' as const, tool_use_id: id, content: answer.content };
  return answer.isError ? { ...result, is_error: true } : result;
}
