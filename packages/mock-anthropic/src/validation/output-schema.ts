import { badRequest } from '../wire/errors.ts';

/** Schema nesting the checks and the generator follow; deeper is refused rather than overflowing the stack. */
const MAX_DEPTH = 32;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const UNSUPPORTED = ['minimum', 'maximum', 'minLength', 'maxLength', 'multipleOf', 'maxItems'];

const check = (schema: unknown, path: string, depth: number): void => {
  if (depth > MAX_DEPTH) throw badRequest(`${path}: the schema is nested too deeply`);
  if (!isObject(schema)) throw badRequest(`${path}: a schema must be an object`);
  const bad = UNSUPPORTED.find((name) => name in schema);
  if (bad !== undefined) throw badRequest(`${path}: property '${bad}' is not supported`);
  const { properties, items, $defs } = schema;
  if (schema['type'] === 'object' && schema['additionalProperties'] !== false) {
    throw badRequest(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`);
  }
  if (isObject(properties)) {
    for (const [name, entry] of Object.entries(properties))
      check(entry, `${path}.properties.${name}`, depth + 1);
  }
  if (isObject($defs)) {
    for (const [name, entry] of Object.entries($defs)) check(entry, `${path}.$defs.${name}`, depth + 1);
  }
  if (items !== undefined) check(items, `${path}.items`, depth + 1);
  for (const key of ['anyOf', 'allOf'] as const) {
    const entries = schema[key];
    if (!Array.isArray(entries)) continue;
    for (const [index, entry] of entries.entries()) check(entry, `${path}.${key}.${index}`, depth + 1);
  }
};

/** What structured outputs accept: closed objects and no limits on numbers, strings or list lengths. @throws ApiError 400 */
export const checkOutputSchema = (schema: Record<string, unknown>): void =>
  check(schema, 'output_config.format.schema', 0);
