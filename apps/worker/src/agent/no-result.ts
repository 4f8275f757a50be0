import { hasWords } from '../tools/has-words.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { answerText, goesOn, saysNothing } from './answer-text.ts';
import { type Turn, toolCalls } from './replay.ts';
import { meaningOf } from './stop-reason.ts';
import { isCallInWords } from './text-calls.ts';

/** What the model is told, once, and what stands in the swarm's log. */
export interface Notice {
  text: string;
  log: string;
}

/** Why a turn without a tool call is no result. */
type Shortfall = 'nothing-said' | 'call-in-words' | 'call-missing' | 'broken-off';

/** What is wrong with an end that cannot be taken for a result. `last`: the model has been told already. */
export type Verdict = { notice: Notice } | { last: string };

/** @returns undefined when the last turn's text is a result, or the model goes on with it. Pure. */
export function whyNoResult(turns: readonly Turn[], toolbox: Toolbox): Verdict | undefined {
  const turn = turns.at(-1);
  if (turn === undefined || toolCalls(turn).length > 0) return undefined;
  const before = fruitless(turns.slice(0, -1), toolbox);
  if (goesOn(turn)) {
    return saysNothing(turn) && before + 1 >= CUT_TURNS_WITHOUT_A_WORD ? { last: ONLY_THOUGHTS } : undefined;
  }
  const shortfall = shortfallOf(turns, toolbox);
  if (shortfall === undefined) return undefined;
  return before > 0 ? { last: FAILED[shortfall] } : { notice: NOTICES[shortfall] };
}

/** A model may think longer than one turn has room for; then it will do so again. */
const CUT_TURNS_WITHOUT_A_WORD = 3;

/** How many turns at the end brought neither a call nor a part of a result. */
function fruitless(turns: readonly Turn[], toolbox: Toolbox): number {
  let count = 0;
  for (let length = turns.length; length > 0; length -= 1) {
    const so = turns.slice(0, length);
    const turn = so.at(-1);
    if (turn === undefined || toolCalls(turn).length > 0) break;
    if (goesOn(turn) ? !saysNothing(turn) : shortfallOf(so, toolbox) === undefined) break;
    count += 1;
  }
  return count;
}

function shortfallOf(turns: readonly Turn[], toolbox: Toolbox): Shortfall | undefined {
  const text = answerText(turns);
  if (isCallInWords(text, toolbox.names)) return 'call-in-words';
  const meaning = meaningOf(turns.at(-1)?.stopReason ?? null);
  if (meaning === 'tools') return 'call-missing';
  if (meaning === 'broken') return 'broken-off';
  return hasWords(text) ? undefined : 'nothing-said';
}

const NOTICES: Record<Shortfall, Notice> = {
  'nothing-said': {
    text: 'You ended without a result. If the task is done, call submit_result; if something is missing, say there what it is.',
    log: 'The model ended its turn without a word and without a tool call; it was asked once more.',
  },
  'call-in-words': {
    text: 'Your tool call arrived as text, so it was not run and nothing was changed. Make the call again through the tool interface, not as text. If that was meant as part of your result, hand the result in with submit_result.',
    log: 'The model wrote a tool call as text, so it was not run; the model was told once.',
  },
  'call-missing': {
    text: 'Your turn ended as if you were calling a tool, but no call arrived and nothing was run. Make the call again through the tool interface; when everything is done, call submit_result.',
    log: 'The model said that it calls a tool, but no call arrived; it was asked once more.',
  },
  'broken-off': {
    text: 'Your answer broke off before it was complete. Go on where it stopped; when everything is done, call submit_result.',
    log: 'The model server broke the answer off; the model was asked to go on.',
  },
};

const PARSER =
  'Turn on the tool parser of the model server (for vLLM: --enable-auto-tool-choice and --tool-call-parser; for llama.cpp: --jinja), or choose a model that can call tools.';

const FAILED: Record<Shortfall, string> = {
  'nothing-said':
    'The model ended without a result twice in a row: no text and no tool call. Nothing was handed in. Try another model, or describe the task more closely.',
  'call-in-words': `The model wrote its tool calls as text, also after it was told, so they were not run and nothing was done. ${PARSER}`,
  'call-missing': `The model said twice in a row that it calls a tool, but no call arrived, so nothing was run. ${PARSER}`,
  'broken-off':
    'The model server broke the answer off twice in a row and said so with its stop reason. Look at the log of the model server, or choose another model.',
};

const ONLY_THOUGHTS = `The model used up its output limit ${CUT_TURNS_WITHOUT_A_WORD} times in a row without a word of its answer. Choose a model that thinks less, turn thinking off, or raise the limit (CLAUDE_FLOW_MAX_OUTPUT_TOKENS).`;
