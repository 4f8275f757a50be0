import { cutText } from '@claude-flow/core/domain/cut-text';

/** Makes values valid for a JSON schema: what fits of a candidate is kept, the rest is made up. */

type Schema = Record<string, unknown>;

const MAX_DEPTH = 24;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Limits that the SDK's helper moves into the description as `{maxLength: 40, minItems: 2}`. */
const limitsOf = (schema: Schema): Record<string, number | undefined> => {
  const limits: Record<string, number | undefined> = {};
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  const names =
    'minLength|maxLength|minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf|minItems|maxItems';
  for (const match of description.matchAll(new RegExp(`\\b(${names}): (-?\\d+(?:\\.\\d+)?)`, 'g'))) {
    if (match[1] !== undefined) limits[match[1]] = Number(match[2]);
  }
  for (const name of names.split('|')) {
    const own = schema[name];
    if (typeof own === 'number') limits[name] = own;
  }
  return limits;
};

const patternOf = (schema: Schema): RegExp | undefined => {
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  const moved = /\bpattern: ("(?:[^"\\]|\\.)*")/.exec(description)?.[1];
  const source =
    typeof schema['pattern'] === 'string' ? schema['pattern'] : moved && String(JSON.parse(moved));
  if (!source) return undefined;
  try {
    return new RegExp(source, 'u');
  } catch {
    return undefined;
  }
};

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  date: '2026-01-31',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f2b8c1e-5a6d-4e7f-8a9b-0c1d2e3f4a5b',
};

/** Tried in turn when a string has to match a pattern. */
const GUESSES = [
  'item',
  'item-1',
  'item_1',
  'Item',
  'ITEM',
  'a',
  'A1',
  '1',
  '1.0.0',
  'v1',
  '2026-01-31',
  'a@b.co',
];

const fitLength = (text: string, limits: Record<string, number | undefined>): string => {
  const cut = cutText(text, limits['maxLength'] ?? text.length);
  return cut.padEnd(limits['minLength'] ?? 0, '.');
};

const text = (schema: Schema, candidate: unknown, name: string): string => {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  if (format !== undefined) return format;
  const limits = limitsOf(schema);
  const wanted = typeof candidate === 'string' ? candidate : `Simulated ${name || 'text'}`;
  const pattern = patternOf(schema);
  if (pattern === undefined) return fitLength(wanted, limits);
  const spellings = [wanted, wanted.replaceAll('-', '_'), wanted.replace(/[^A-Za-z0-9]/g, ''), ...GUESSES];
  return spellings.map((guess) => fitLength(guess, limits)).find((guess) => pattern.test(guess)) ?? wanted;
};

const number = (schema: Schema, candidate: unknown, whole: boolean): number => {
  const limits = limitsOf(schema);
  const multiple = limits['multipleOf'];
  const step = multiple ?? 1;
  const above = limits['exclusiveMinimum'];
  const below = limits['exclusiveMaximum'];
  const low = limits['minimum'] ?? (above === undefined ? undefined : above + step);
  const high = limits['maximum'] ?? (below === undefined ? undefined : below - step);
  const given =
    typeof candidate === 'number' && Number.isFinite(candidate) ? candidate : (low ?? Math.min(1, high ?? 1));
  const held = Math.min(Math.max(given, low ?? given), high ?? Number.MAX_SAFE_INTEGER);
  return whole || multiple !== undefined ? Math.ceil(held / step) * step : held;
};

const fitsType = (schema: Schema, candidate: unknown): boolean => {
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(candidate);
  if ('const' in schema) return schema['const'] === candidate;
  switch (schema['type']) {
    case 'object':
      return isObject(candidate);
    case 'array':
      return Array.isArray(candidate);
    case 'null':
      return candidate === null || candidate === undefined;
    case 'integer':
      return Number.isInteger(candidate);
    default:
      return typeof candidate === schema['type'];
  }
};

const resolve = (schema: Schema, root: Schema): Schema => {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  let target: unknown = root;
  for (const step of reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')) {
    target = isObject(target) ? target[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return isObject(target) ? target : {};
};

const build = (given: Schema, candidate: unknown, root: Schema, name: string, depth: number): unknown => {
  const schema = resolve(given, root);
  if (depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum']))
    return schema['enum'].includes(candidate) ? candidate : schema['enum'][0];
  const variants = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(variants)) {
    const options = variants.filter(isObject).map((variant) => resolve(variant, root));
    // Deep inside a recursive schema, the way out is the variant without children.
    const simple = options.find((option) => option['type'] !== 'object' && option['type'] !== 'array');
    const best =
      options.find((option) => fitsType(option, candidate)) ?? (depth > 8 ? simple : undefined) ?? options[0];
    return best === undefined ? null : build(best, candidate, root, name, depth + 1);
  }
  if (Array.isArray(schema['allOf'])) {
    const merged = Object.assign({}, ...schema['allOf'].filter(isObject).map((part) => resolve(part, root)));
    return build(merged, candidate, root, name, depth + 1);
  }
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return object(schema, candidate, root, depth);
    case 'array':
      return list(schema, candidate, root, name, depth);
    case 'string':
      return text(schema, candidate, name);
    case 'integer':
      return number(schema, candidate, true);
    case 'number':
      return number(schema, candidate, false);
    case 'boolean':
      return typeof candidate === 'boolean' ? candidate : true;
    case 'null':
      return null;
    default:
      return candidate ?? {};
  }
};

const object = (schema: Schema, candidate: unknown, root: Schema, depth: number): Schema => {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const source = isObject(candidate) ? candidate : {};
  const result: Schema = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    if (source[name] === undefined && !required.includes(name)) continue;
    result[name] = build(property, source[name], root, name, depth + 1);
  }
  return result;
};

const list = (schema: Schema, candidate: unknown, root: Schema, name: string, depth: number): unknown[] => {
  const items = isObject(schema['items']) ? schema['items'] : {};
  const limits = limitsOf(schema);
  const wanted = Array.isArray(candidate) ? candidate : depth > 8 ? [] : [undefined];
  const length = Math.min(
    Math.max(wanted.length, limits['minItems'] ?? 0),
    limits['maxItems'] ?? wanted.length + 100,
  );
  return Array.from({ length }, (_, index) => build(items, wanted[index], root, name, depth + 1));
};

/** A value valid for the schema, as close to the candidate as the schema allows. */
export const conform = (schema: Schema, candidate: unknown): unknown =>
  build(schema, candidate, schema, '', 0);
