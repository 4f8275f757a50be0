import { cutText } from '@claude-flow/core/domain/cut-text';
import { REFUSAL_CHARS } from '../tunables.ts';
import type { Notice } from './no-result.ts';
import { type Turn, toolCalls } from './replay.ts';

/**
 * An agent that goes round in circles: the same calls with the same answers again and again, or nothing but refused calls. It is
 * warned, and when it goes on, its task ends: every turn is paid for.
 * @returns undefined while there is progress. Pure.
 */
export function standstill(turns: readonly Turn[]): { notice: Notice } | { last: string } | undefined {
  const turn = turns.at(-1);
  if (turn === undefined || toolCalls(turn).length === 0) return undefined;
  return repetition(turns) ?? refusals(turns);
}

/** Rounds of the same calls after which an agent is warned; the next call of the same kind ends its task. */
const EQUAL_ROUNDS = 3;
/** Turns of the longest round that is looked for: a, b, c, a, b, c, ... */
const LONGEST_ROUND = 3;
/** Turns in a row with refused calls only: some looking around for a file name is no fault. */
const REFUSED_TURNS = 6;
const REFUSED_TURNS_AT_MOST = 9;

function repetition(turns: readonly Turn[]) {
  const newest = turns.slice(-(EQUAL_ROUNDS + 1) * LONGEST_ROUND);
  const calls = newest.map(signature);
  for (let round = 1; round <= LONGEST_ROUND; round += 1) {
    const count = repeated(calls, round);
    if (count < EQUAL_ROUNDS * round) continue;
    const times = Math.floor(count / round);
    const repeats = newest.slice(-count);
    if (warned(repeats)) return { last: `${described(repeats, round, times)} It had been warned. ${ADVICE}` };
    return {
      notice: {
        text: `You have made the same ${round === 1 ? 'call' : 'calls'} ${EQUAL_ROUNDS} times and got the same answer each time. It will not change. Do something else, or hand in with submit_result what you have and say what is missing. The same once more ends this task.`,
        log: `${described(repeats, round, times)} It was warned.`,
      },
    };
  }
  return undefined;
}

/** How many turns at the end repeat, each, the one `round` turns before; the first round is counted too. */
function repeated(calls: readonly (string | undefined)[], round: number): number {
  let count = 0;
  while (count + round < calls.length) {
    const [later, earlier] = [calls.at(-1 - count), calls.at(-1 - count - round)];
    if (later === undefined || later !== earlier) break;
    count += 1;
  }
  return count === 0 ? 0 : count + round;
}

/** What was called, and what came of it; ids are new each time. */
function signature(turn: Turn): string | undefined {
  const calls = toolCalls(turn);
  if (calls.length === 0) return undefined;
  return JSON.stringify(
    calls.map((call) => {
      const { content, isError } = turn.answers.get(call.id) ?? {};
      return [call.name, call.input, content, isError];
    }),
  );
}

function refusals(turns: readonly Turn[]) {
  let count = 0;
  while (count < turns.length && allRefused(turns.at(-1 - count))) count += 1;
  if (count < REFUSED_TURNS) return undefined;
  const streak = turns.slice(-count);
  const what = `Every call of the last ${count} turns was refused. ${lastRefusal(streak)}`;
  if (!warned(streak)) {
    const text = `Every call of your last ${count} turns was refused. Read the answers and do something else, or hand in with submit_result what you have and say what is missing. ${REFUSED_TURNS_AT_MOST - REFUSED_TURNS} more such turns end this task.`;
    return { notice: { text, log: `${what} The agent was warned.` } };
  }
  return count >= REFUSED_TURNS_AT_MOST
    ? { last: `${what} The agent had been warned. ${ADVICE}` }
    : undefined;
}

function allRefused(turn: Turn | undefined): boolean {
  const calls = turn === undefined ? [] : toolCalls(turn);
  return calls.length > 0 && calls.every((call) => turn?.answers.get(call.id)?.isError === true);
}

/** Of the turns before the last one. */
function warned(turns: readonly Turn[]): boolean {
  return turns.slice(0, -1).some((turn) => turn.notice !== undefined);
}

function described(repeats: readonly Turn[], round: number, times: number): string {
  const names = [
    ...new Set(repeats.slice(-round).flatMap((turn) => toolCalls(turn).map(({ name }) => name))),
  ];
  const what = `The agent made the same ${round === 1 ? 'call' : 'calls'} of ${names.join(' and ')} ${times} times in a row and got the same answer each time.`;
  return [what, lastRefusal(repeats)].filter((part) => part !== '').join(' ');
}

function lastRefusal(turns: readonly Turn[]): string {
  for (const turn of turns.toReversed()) {
    for (const call of toolCalls(turn).toReversed()) {
      const answer = turn.answers.get(call.id);
      if (answer?.isError) return `The refusal of ${call.name}: ${quoted(answer.content)}`;
    }
  }
  return '';
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${cutText(line, REFUSAL_CHARS, ' ...')}"`;
}

const ADVICE =
  'When the refusals are about missing or misnamed fields, the model or a proxy before it loses them: try another model. Otherwise give the task what it lacks (permissions, files, a closer description).';
