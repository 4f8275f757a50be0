/** Lines of a crash that say nothing to a person: stack frames, the source excerpt, Node's version, braces. */
const NOISE = [
  /^\s+at /,
  /^Node\.js v\d/,
  /^[\s^~{}[\],]*$/,
  /^\s*\[cause\]/,
  /^\s{2,}\w+: .*,?$/,
  /^(file|node):.*:\d+$/,
];

function fromJson(line: string): string | undefined {
  if (!line.startsWith('{')) return line;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return line;
  }
  const record = parsed as { msg?: unknown; message?: unknown; err?: { message?: unknown } };
  const texts = [record.msg, record.message, record.err?.message].filter(
    (text): text is string => typeof text === 'string' && text !== '',
  );
  return texts.length === 0 ? undefined : [...new Set(texts)].join(': ');
}

/**
 * The sentence a process left when it ended: the message of the last error in a stack trace, else the last
 * line that says something; of a JSON log line its message.
 */
export function lastSentence(lines: string[]): string | undefined {
  const telling = lines.filter((line) => !NOISE.some((noise) => noise.test(line)));
  const error = telling.findLast((line) => /^(Uncaught )?\w*Error\b.*: /.test(line));
  if (error !== undefined) return error.replace(/^(Uncaught )?\w*Error( \[\w+\])?: /, '');
  for (const line of telling.toReversed()) {
    const sentence = fromJson(line.trim());
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
