/** Usage as the SDK reads it: counts are numbers, what was not reported is 0; other fields as they came. */
export type WireUsage = Record<string, unknown> & { input_tokens: number; output_tokens: number };

/**
 * What is known of a call's usage after another report of it. A field that a report leaves out, or has as null, keeps its
 * value; the output only grows.
 */
export function addReport(known: WireUsage | undefined, report: unknown): WireUsage {
  const usage: WireUsage = {
    ...known,
    input_tokens: known?.input_tokens ?? 0,
    output_tokens: known?.output_tokens ?? 0,
  };
  if (typeof report !== 'object' || report === null || Array.isArray(report)) return usage;
  for (const [name, value] of Object.entries(report)) {
    if (value === null || value === undefined) continue;
    if (!name.endsWith('_tokens')) usage[name] = value;
    else if (typeof value === 'number' && Number.isFinite(value) && value >= 0) {
      usage[name] = name === 'output_tokens' ? Math.max(usage.output_tokens, value) : value;
    }
  }
  return usage;
}

/** What other protocols call the reasons for which an answer ends. */
const SYNONYMS: Readonly<Record<string, string>> = {
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  stop: 'end_turn',
  eos: 'end_turn',
  length: 'max_tokens',
};

/** The reason in the provider's words; undefined when none was given. */
export function stopReason(given: unknown): string | undefined {
  if (typeof given !== 'string' || given === '') return undefined;
  return Object.hasOwn(SYNONYMS, given) ? SYNONYMS[given] : given;
}
