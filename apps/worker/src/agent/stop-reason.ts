/**
 * What a stop reason means for the turn. `end`: the model is done. `tools`: it says that it calls tools. `cut`: at the output
 * limit. `paused`: sent back unchanged, the provider goes on. `broken`: the answer broke off at the server. `refused`: the
 * model, or a filter, declined. `full`: the context window has no room left.
 */
export type StopMeaning = 'end' | 'tools' | 'cut' | 'paused' | 'broken' | 'refused' | 'full';

const KNOWN: Record<string, StopMeaning> = {
  pause_turn: 'paused',
  refusal: 'refused',
  model_context_window_exceeded: 'full',
  context_length_exceeded: 'full',
};

/** Words of other providers, whose servers and proxies pass them on untranslated. Tried in this order. */
const BY_WORDS: readonly [RegExp, StopMeaning][] = [
  [
    /refus|filter|safety|guardrail|blocklist|blocked|prohibit|recitation|moderat|policy|sensitive|spii/,
    'refused',
  ],
  [/context.*(exceed|full|length)/, 'full'],
  [/malformed|error|abort|cancel|interrupt|insufficient|unexpected/, 'broken'],
  [/^(length|max_|model_length)|token_limit|too_long/, 'cut'],
  [/tool|function/, 'tools'],
];

/** @param stopReason as the server sent it; one that is not known is an end */
export function meaningOf(stopReason: string | null): StopMeaning {
  const word = (stopReason ?? '').toLowerCase();
  return KNOWN[word] ?? BY_WORDS.find(([pattern]) => pattern.test(word))?.[1] ?? 'end';
}

/** The last call of such an answer may be half of what the model wanted. */
export function mayBeHalf(stopReason: string | null): boolean {
  const meaning = meaningOf(stopReason);
  return meaning === 'cut' || meaning === 'broken';
}
