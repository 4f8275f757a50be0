/** The largest bodies that an API takes, each of the worst kind, for every operation that its OpenAPI document names. */

/** Of the OpenAPI document, what is looked at here. */
export interface ApiDocument {
  paths: Record<string, Record<string, { operationId?: string; requestBody?: unknown }>>;
  components: { schemas: Record<string, unknown> };
}

export interface LargestBody {
  /** Which field holds what. */
  what: string;
  text: string;
}

export interface Operation {
  method: string;
  /** With its parameters in braces. */
  path: string;
  bodies: LargestBody[];
}

type Value = Record<string, unknown>;
const isObject = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Operations that change something; what they read of a body they do not describe is looked at too. */
const METHODS = new Set(['post', 'put', 'patch', 'delete']);
/** Fields within fields, this deep. */
const DEPTH = 5;

/** @param maxBytes the largest body that is taken; each body is about as large */
export function largestBodies(document: ApiDocument, maxBytes: number): Operation[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.has(method))
      .map(([method, { requestBody }]) => {
        const bodies = [...whole(maxBytes), ...inFields(document, requestBody, maxBytes)];
        return { method: method.toUpperCase(), path, bodies };
      }),
  );
}

/** Bodies that are odd as a whole. */
function whole(maxBytes: number): LargestBody[] {
  const half = Math.floor(maxBytes / 2);
  return [
    { what: 'lists in lists', text: '['.repeat(half) + ']'.repeat(half) },
    { what: 'objects in objects', text: `${'{"a":'.repeat(Math.floor(maxBytes / 6))}1` },
    { what: 'an open text', text: `{"a":"${'x'.repeat(maxBytes - 10)}` },
    { what: 'blanks', text: ' '.repeat(maxBytes) },
    { what: 'fields', text: list(maxBytes, (i) => `"field${i}":1`, '{', '}') },
    {
      what: 'as many fields as allowed',
      text: list(maxBytes, (i) => `"${`field${i}`.padEnd(1_020, 'x')}":1`, '{', '}', 999),
    },
    { what: 'one long name', text: `{"${'x'.repeat(maxBytes - 10)}":1}` },
    { what: 'numbers', text: list(maxBytes, () => '1', '[', ']') },
  ];
}

/** Each field of the operation's schema filled in each of the worst ways, beside an example's other fields. */
function inFields(document: ApiDocument, requestBody: unknown, maxBytes: number): LargestBody[] {
  const json = get(requestBody, 'content', 'application/json');
  if (!isObject(json)) return [];
  const example = isObject(json['example']) ? json['example'] : {};
  const room = maxBytes - JSON.stringify(example).length - 1_000;
  return fieldsOf(document, json['schema'], DEPTH).flatMap(({ path, isOpen }) =>
    fillings(room, isOpen).map(({ what, text }) => ({
      what: `${path.join('.')}: ${what}`,
      text: filled(example, path, text),
    })),
  );
}

/** @param isOpen texts, lists and objects; what is one of a few words, or a number, is refused at the first look */
function fillings(room: number, isOpen: boolean): LargestBody[] {
  const text = (what: string, unit: string) => {
    const json = JSON.stringify(unit).slice(1, -1);
    return { what, text: `"${json.repeat(Math.floor((room - 2) / Buffer.byteLength(json)))}"` };
  };
  const most = 10_000;
  const any = [
    text('letters', 'x'),
    { what: 'a long number', text: '7'.repeat(room) },
    { what: 'empty objects', text: list(room, () => '{}', '[', ']', most) },
  ];
  if (!isOpen) return any;
  return [
    ...any,
    text('blanks', ' '),
    text('line breaks', '\n'),
    text('blanks and line breaks', '  \n'),
    text('letters of three bytes', '日'),
    text('emoji', '🦜'),
    text('letters and line breaks', 'x\n'),
    text('half characters', '\ud800'),
    text('NUL', '\u0000'),
    text('markup', '</a>'),
    { what: 'long texts', text: list(room, (i) => `"${String(i).padEnd(90, 'x')}"`, '[', ']', most) },
    { what: 'short texts', text: list(room, (i) => `"k${i}"`, '[', ']', most) },
    { what: 'more than allowed', text: list(room, () => '1', '[', ']') },
    { what: 'fields', text: list(room, (i) => `"${`field${i}`.padEnd(1_000, 'x')}":{}`, '{', '}', 1_000) },
    { what: 'depth', text: `${'['.repeat(200)}${']'.repeat(200)}` },
  ];
}

function list(
  room: number,
  entry: (i: number) => string,
  open: string,
  close: string,
  most = Infinity,
): string {
  const entries: string[] = [];
  let size = 2;
  for (let i = 0; i < most; i += 1) {
    const text = entry(i);
    size += text.length + 1;
    if (size > room) break;
    entries.push(text);
  }
  return `${open}${entries.join(',')}${close}`;
}

interface Field {
  path: string[];
  isOpen: boolean;
}

/** All fields of a schema, and the ways to them: `0` for an entry of a list. */
function fieldsOf(document: ApiDocument, given: unknown, depth: number): Field[] {
  const schema = resolve(document, given);
  if (depth === 0 || !isObject(schema)) return [];
  const inner = (name: string, of: unknown): Field[] => {
    const { enum: words, type } = (resolve(document, of) ?? {}) as Value;
    const isOpen = words === undefined && type !== 'boolean' && type !== 'integer' && type !== 'number';
    const within = fieldsOf(document, of, depth - 1).map((one) => ({ ...one, path: [name, ...one.path] }));
    return [{ path: [name], isOpen }, ...within];
  };
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((name) =>
    Array.isArray(schema[name]) ? schema[name] : [],
  );
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  return [
    ...parts.flatMap((part) => fieldsOf(document, part, depth)),
    ...properties.flatMap(([name, of]) => inner(name, of)),
    ...(schema['items'] === undefined ? [] : inner('0', schema['items'])),
  ];
}

function resolve(document: ApiDocument, schema: unknown): unknown {
  const reference = isObject(schema) ? schema['$ref'] : undefined;
  if (typeof reference !== 'string') return schema;
  return resolve(document, document.components.schemas[reference.split('/').at(-1) ?? '']);
}

/** JSON of the value with the text, which is JSON, in the place; what lies on the way there is made anew. */
function filled(value: unknown, [first, ...rest]: string[], text: string): string {
  if (first === undefined) return text;
  if (first === '0') return `[${filled(Array.isArray(value) ? value[0] : {}, rest, text)}]`;
  const others = isObject(value) ? value : {};
  const { [first]: inner, ...left } = others;
  const beside = JSON.stringify(left).slice(1, -1);
  return `{${beside}${beside === '' ? '' : ','}${JSON.stringify(first)}:${filled(inner, rest, text)}}`;
}

function get(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
}
