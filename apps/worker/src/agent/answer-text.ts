import { hasWords } from '../tools/has-words.ts';
import { type Turn, textOf, toolCalls } from './replay.ts';
import { meaningOf } from './stop-reason.ts';

/** The model goes on with its answer when it is asked again: at the output limit, or paused by the provider. */
export function goesOn(turn: Turn): boolean {
  const meaning = meaningOf(turn.stopReason);
  return toolCalls(turn).length === 0 && (meaning === 'cut' || meaning === 'paused');
}

/**
 * What the model said with its last turn, without thoughts that a server left in the text. An answer that was cut at the output
 * limit and went on is one text: the last turn alone would be only its end.
 */
export function answerText(turns: readonly Turn[]): string {
  const last = turns.length - 1;
  let first = last;
  while (first > 0 && isPart(turns[first - 1])) first -= 1;
  return withoutThoughts(
    turns
      .slice(first, last + 1)
      .map(rawText)
      .join(''),
  ).trim();
}

function isPart(turn: Turn | undefined): boolean {
  return turn !== undefined && goesOn(turn);
}

function rawText(turn: Turn): string {
  return turn.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

/** At the start of an answer only: a report may well talk about such tags. */
const THOUGHTS = /^\s*<(think|thinking|thought|reasoning)>[\s\S]*?(?:<\/\1>|$)/i;
/** Some chat templates open the thoughts themselves, so that only their end arrives, on a line of its own. */
const END_OF_THOUGHTS = /^\s*<\/(?:think|thinking)>\s*$/im;

export function withoutThoughts(text: string): string {
  const rest = text.replace(THOUGHTS, '');
  if (rest !== text) return rest;
  const end = END_OF_THOUGHTS.exec(text);
  return end === null ? text : text.slice(end.index + end[0].length);
}

/** Neither a call nor words, thoughts aside. */
export function saysNothing(turn: Turn): boolean {
  return toolCalls(turn).length === 0 && !hasWords(withoutThoughts(textOf(turn)));
}
