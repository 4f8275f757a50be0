/** Longest name of a model, in UTF-16 units. */
const MAX_MODEL_NAME = 200;

/**
 * A model's name as its server gives it, which may hold commas, slashes, colons, brackets and spaces: no control characters and no
 * space at its ends. The same in variables and in requests.
 */
export function isModelName(text: string): boolean {
  return text.length > 0 && text.length <= MAX_MODEL_NAME && text === text.trim() && !/\p{C}/u.test(text);
}

/** What a name has to be, to be put behind the name of a variable or a field. */
export const MODEL_NAME_RULE = `must be a model's name: 1 to ${MAX_MODEL_NAME} characters, without control characters and without a space at its ends`;
