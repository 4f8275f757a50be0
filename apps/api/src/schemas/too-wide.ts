import { cutText } from '@claude-flow/core/domain/cut-text';
import type { ErrorDetail } from '@claude-flow/core/domain/errors';

/** Characters of a path, whose names are a caller's. */
const MAX_PATH = 200;

/**
 * The first list or object of a value, from the outside, that has more members than allowed.
 * @param value no deeper than the call stack bears
 * @param most entries of a list, fields of an object
 */
export function findTooWide(
  value: unknown,
  most: { list: number; fields: number },
  path = '',
): ErrorDetail | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length > (isList ? most.list : most.fields)) {
    const field = path === '' ? 'The body' : cutText(path, MAX_PATH, '...');
    const message = isList
      ? `${field} may have at most ${most.list} entries; it has ${entries.length}.`
      : `${field} may have at most ${most.fields} fields; it has ${entries.length}.`;
    return { field: path === '' ? '(body)' : field, message };
  }
  for (const [name, inner] of entries) {
    const found = findTooWide(inner, most, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
