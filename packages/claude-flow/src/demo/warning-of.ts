import type { ProcessLine } from '@claude-flow/local-stack/processes/managed-process';

/** The API warns of what holds for every demo (no authentication); whoever waits wants to hear of the others. */
const TALKATIVE = /^api-/;

/** What a process warns of, with its name; undefined for any other line. */
export function warningOf({ process, stream, text }: ProcessLine): string | undefined {
  if (TALKATIVE.test(process)) return undefined;
  if (!text.startsWith('{'))
    return stream === 'stderr' && text.trim() !== '' ? `${process}: ${text}` : undefined;
  try {
    const { level, msg } = JSON.parse(text) as { level?: unknown; msg?: unknown };
    const warns = level === 'warn' || level === 'error' || level === 'fatal';
    return warns && typeof msg === 'string' ? `${process}: ${msg}` : undefined;
  } catch {
    return undefined;
  }
}
