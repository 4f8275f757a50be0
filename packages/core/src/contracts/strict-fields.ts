import { z } from 'zod';
import { cutText } from '../domain/cut-text.ts';
import { nearName } from '../domain/near-name.ts';

/** Names that people write here although they belong somewhere else, and where that is: `{ toolPolicy: 'requirements.toolPolicy' }`. */
export type Misplaced = Readonly<Record<string, string>>;

/**
 * An object whose fields restrict what may be done: one that is not known is refused, for what was meant by it would not hold.
 * @param misplaced see there
 */
export function strictFields<Shape extends z.core.$ZodShape>(shape: Shape, misplaced: Misplaced = {}) {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      // Of the issue `unrecognized_keys`, which zod's type of this error does not know.
      const keys: unknown = issue['keys'];
      return Array.isArray(keys)
        ? keys.map((key) => unknownField(String(key), names, misplaced)).join(' ')
        : undefined;
    },
  });
}

/** What is told of one field that is not known. */
export function unknownField(key: string, names: readonly string[], misplaced: Misplaced = {}): string {
  const shown = cutText(key, 100);
  const place = Object.hasOwn(misplaced, key) ? misplaced[key] : undefined;
  if (place !== undefined) return `${shown} is not read here: it belongs into ${place}.`;
  const meant = nearName(key, names);
  if (meant !== undefined) return `${shown} is not a field of this object. Did you mean ${meant}?`;
  return `${shown} is not a field of this object; it has ${names.join(', ')}.`;
}
