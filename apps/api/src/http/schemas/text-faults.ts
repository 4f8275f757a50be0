import type { Steps } from '@claude-flow/core/domain/at-once';
import type { ErrorDetail } from '@claude-flow/core/domain/errors';

/** Deeper than this nobody nests by hand, and everything after us walks the value by recursion. */
const MAX_DEPTH = 32;
/** Enough to see the pattern. */
const MAX_FAULTS = 20;

/**
 * What a JSON body may not hold anywhere: texts that cannot be stored and given back as they came (NUL, halves of
 * surrogate pairs), and nesting without end. Walks with a list of its own: the call stack has an end.
 */
export function* textFaults(body: unknown): Steps<ErrorDetail[]> {
  const faults: ErrorDetail[] = [];
  const open: { value: unknown; path: string; depth: number }[] = [{ value: body, path: '', depth: 0 }];
  for (let at = open.pop(); at !== undefined && faults.length < MAX_FAULTS; at = open.pop()) {
    yield;
    const { value, path, depth } = at;
    const field = path === '' ? '(body)' : path;
    if (typeof value === 'string') {
      const fault = textFault(value);
      if (fault !== undefined) faults.push({ field, message: fault });
    } else if (typeof value === 'object' && value !== null) {
      if (depth >= MAX_DEPTH) {
        faults.push({ field, message: `Nested more than ${MAX_DEPTH} levels deep.` });
        continue;
      }
      for (const [key, inner] of Object.entries(value)) {
        const fault = textFault(key);
        if (fault !== undefined) faults.push({ field, message: `A name in it: ${fault}` });
        open.push({ value: inner, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 });
      }
    }
  }
  return faults.reverse();
}

function textFault(text: string): string | undefined {
  if (text.includes('\u0000')) return 'NUL characters cannot be stored.';
  if (!text.isWellFormed()) return 'Half of a surrogate pair is not a character.';
  return undefined;
}
