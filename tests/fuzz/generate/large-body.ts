import fc from 'fast-check';
import { type Operation, operations, resolved, type Schema } from '../contract/document.ts';
import { valueFor, written } from './json-text.ts';
import { PLACES } from './texts.ts';

/** A body as large as may be, or a little larger. */
export interface LargeBody {
  method: string;
  /** With places to be filled. */
  target: string;
  /** How it was made: for a person, and so that a failure stays readable. */
  kind: string;
  bytes: number;
  body(): string;
}

/** What the API takes (`MAX_BODY_BYTES`), bytes. */
const LARGEST = 1024 * 1024;
const SIZES = [LARGEST / 4, LARGEST - 1_024, LARGEST, LARGEST + 1];

const fill = (part: string, bytes: number) =>
  part.repeat(Math.max(1, Math.floor(bytes / Buffer.byteLength(part))));
const many = (bytes: number, one: (n: number) => string) => {
  const parts: string[] = [];
  for (let length = 0; length < bytes; length += (parts.at(-1)?.length ?? 0) + 1)
    parts.push(one(parts.length));
  return parts.join(',');
};

/** JSON texts of about so many bytes, each the most of one kind of work. */
const GROWN: Record<string, (bytes: number) => string> = {
  'a long text': (bytes) => `"${fill('x', bytes)}"`,
  'a long text of wide characters': (bytes) => `"${fill('👍', bytes)}"`,
  'a long text of escapes': (bytes) => `"${fill('\\u0000', bytes)}"`,
  'a long text of half pairs': (bytes) => `"${fill('\\ud800', bytes)}"`,
  'a long text of markup': (bytes) => `"${fill('<&>', bytes)}"`,
  'a long number': (bytes) => fill('9', bytes),
  'a long list of numbers': (bytes) => `[${many(bytes, () => '0')}]`,
  'a long list of empty objects': (bytes) => `[${many(bytes, () => '{}')}]`,
  'a long list of empty lists': (bytes) => `[${many(bytes, () => '[]')}]`,
  'a long list of texts': (bytes) => `[${many(bytes, (n) => `"t${n}"`)}]`,
  'many fields': (bytes) => `{${many(bytes, (n) => `"f${n}":0`)}}`,
  'one field again and again': (bytes) => `{${many(bytes, () => '"a":0')}}`,
  'fields of the prototype': (bytes) => `{${many(bytes, (n) => `"__proto__":{"a${n}":0}`)}}`,
  'a long name of a field': (bytes) => `{"${fill('k', bytes)}":0}`,
  'deep lists': (bytes) => `${fill('[', bytes / 2)}${fill(']', bytes / 2)}`,
  'deep objects': (bytes) => `${fill('{"a":', (bytes * 5) / 6)}0${fill('}', bytes / 6)}`,
  'lists that never end': (bytes) => fill('[', bytes),
  'nothing but blanks': (bytes) => `${fill(' ', bytes)}0`,
};

/** As many different valid items as fit, in the first list of objects that the body has. */
function fullList(schema: Schema): fc.Arbitrary<(bytes: number) => string> | undefined {
  const { properties = {} } = resolved(schema);
  const found = Object.entries(properties).find(
    ([, one]) => resolved(one).type === 'array' && resolved(resolved(one).items ?? {}).type === 'object',
  );
  if (found === undefined) return undefined;
  const [name, list] = found;
  return fc
    .tuple(
      valueFor({ ...resolved(schema), properties: without(properties, name) }),
      valueFor(resolved(list).items ?? {}),
    )
    .map(([rest, item]) => (bytes: number) => {
      const items = many(bytes, (n) => {
        const keyed = { ...(item as object), ...('key' in (item as object) ? { key: `k${n}` } : {}) };
        return JSON.stringify({
          ...keyed,
          ...('dependencies' in keyed ? { dependencies: n === 0 ? [] : [`k${n - 1}`] } : {}),
        });
      });
      return `${JSON.stringify({ ...(rest as object) }).slice(0, -1)},"${name}":[${items}]}`.replace(
        '{,',
        '{',
      );
    });
}

function without(properties: Record<string, Schema>, name: string): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).filter(([one]) => one !== name));
}

function bodyOf(operation: Operation, schema: Schema): fc.Arbitrary<LargeBody> {
  const grown = fc
    .record({
      value: valueFor(schema),
      spot: fc.nat({ max: 40 }),
      kind: fc.constantFrom(...Object.keys(GROWN)),
      size: fc.constantFrom(...SIZES),
    })
    .map(({ value, spot, kind, size }) => ({
      kind: `${kind}, at spot ${spot}`,
      size,
      make: (bytes: number) => {
        const rest = written(value, { spot, how: 'replace', text: '0' });
        const text = GROWN[kind]?.(Math.max(1, bytes - Buffer.byteLength(rest))) ?? '';
        return written(value, { spot, how: 'replace', text });
      },
    }));
  const full = fullList(schema);
  const bodies =
    full === undefined
      ? grown
      : fc.oneof(
          { weight: 3, arbitrary: grown },
          {
            weight: 1,
            arbitrary: fc
              .tuple(full, fc.constantFrom(...SIZES))
              .map(([make, size]) => ({ kind: 'a full list', size, make })),
          },
        );
  const ids = fc.constantFrom(...PLACES.filter((place) => place.startsWith('@own-')));
  return fc.tuple(bodies, ids).map(([{ kind, size, make }, id]) => ({
    method: operation.method.toUpperCase(),
    target: operation.path
      .replace('{id}', id)
      .replace('{taskId}', 'task_001')
      .replace('{agentId}', 'agent_001')
      .replace('{approvalId}', '@approval@')
      .replace(/\{\w+\}/g, 'x'),
    kind,
    bytes: size,
    body: () => make(size - 1_024),
  }));
}

/** For each operation that takes a body. */
export const largeBody: fc.Arbitrary<LargeBody> = fc.oneof(
  ...operations.flatMap((operation) =>
    operation.body === undefined ? [] : [bodyOf(operation, operation.body)],
  ),
);
