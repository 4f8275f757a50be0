import fc from 'fast-check';
import { resolved, type Schema } from '../contract/document.ts';
import { nastyText, PLACES } from './texts.ts';

const deep = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** JSON texts, and some that only look like it, to be put where a value belongs. */
const FRAGMENTS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e999',
  '-1e999',
  '1e-999',
  'NaN',
  'Infinity',
  '9007199254740993',
  '123456789012345678901234567890',
  '01',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\x"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"":""}',
  '{"__proto__":{"polluted":1}}',
  '{"__proto__":null}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":1,"valueOf":2,"toJSON":3,"then":4,"length":1e9}',
  '{"a":1,"a":{"b":2}}',
  '{"\\u0000":1}',
  '{"\\ud800":1}',
  deep('[', ']', 31),
  deep('[', ']', 33),
  deep('{"a":', '}', 33),
  deep('[', ']', 6_000),
  '['.repeat(3_000),
  `[${'0,'.repeat(20_000)}0]`,
  `[${'{},'.repeat(2_000)}{}]`,
  `[${'"x",'.repeat(1_100)}"x"]`,
  `{${Array.from({ length: 2_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`,
  `"${'x'.repeat(200_000)}"`,
  `"${'\\u00e9'.repeat(2_000)}"`,
] as const;

export const fragment: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...FRAGMENTS) },
  { weight: 2, arbitrary: nastyText.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.constantFrom(...PLACES).map((place) => `"${place}"`) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
);

/** Values that a schema allows, more or less: bounds are kept, formats mostly. */
export function valueFor(given: Schema): fc.Arbitrary<unknown> {
  const schema = resolved(given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(valueFor));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'integer':
    case 'number': {
      const min = Math.ceil(schema.minimum ?? -10);
      const max = Math.floor(schema.maximum ?? 1_000_000);
      return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max));
    }
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valueFor(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case 'object':
      return objectOf(schema);
    case 'string':
      return stringOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function stringOf({ minLength = 0, maxLength = 60, pattern }: Schema): fc.Arbitrary<string> {
  if (pattern?.includes('task_')) return fc.constantFrom('task_001', 'task_002', 'task_999999999');
  const max = Math.max(minLength, Math.min(maxLength, minLength + 60));
  const plain = fc.string({ unit: 'grapheme-ascii', minLength, maxLength: max });
  return fc.oneof(
    { weight: 3, arbitrary: plain.map((text) => text.replaceAll(' ', '_')) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength: max }) },
    { weight: 1, arbitrary: fc.constant('x'.repeat(Math.min(maxLength, 5_000))) },
    { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'c') },
  );
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<object> {
  const entries = Object.entries(properties).map(([name, schema]) => [name, valueFor(schema)] as const);
  const known = fc.record(Object.fromEntries(entries), { requiredKeys: required });
  if (additionalProperties === undefined) return known;
  return fc
    .tuple(known, fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }))
    .map(([fields, more]) => ({ ...more, ...fields }));
}

/** One spot in a body changed: which one, by number, and the text that goes there. */
interface Change {
  spot: number;
  how: 'replace' | 'drop' | 'repeat' | 'beside';
  text: string;
}
const change: fc.Arbitrary<Change> = fc.record({
  spot: fc.nat({ max: 40 }),
  how: fc.constantFrom(
    'replace' as const,
    'replace' as const,
    'drop' as const,
    'repeat' as const,
    'beside' as const,
  ),
  text: fragment,
});

/** Writes a value as JSON, with one spot of it as the change says. */
export function written(value: unknown, { spot, how, text }: Change): string {
  const total = countSpots(value);
  let left = spot % total;
  const write = (at: unknown): string => {
    const here = left === 0;
    left -= 1;
    if (here && (how === 'replace' || typeof at !== 'object' || at === null)) return text;
    if (Array.isArray(at)) {
      const items = at.map(write);
      if (here && how === 'drop') items.shift();
      else if (here) items.push(how === 'repeat' ? (items[0] ?? text) : text);
      return `[${items.join(',')}]`;
    }
    if (typeof at === 'object' && at !== null) {
      const fields = Object.entries(at).map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`);
      if (here && how === 'drop') fields.shift();
      else if (here && how === 'repeat') fields.push(`${fields[0]?.split(':')[0] ?? '"a"'}:${text}`);
      else if (here) fields.push(`"__proto__":${text}`);
      return `{${fields.join(',')}}`;
    }
    return JSON.stringify(at) ?? 'null';
  };
  return write(value);
}

function countSpots(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countSpots(inner), 1);
}

/** Bodies of an operation: as they should be, with a fault, or nothing like it. */
export function bodyText(schema: Schema | undefined): fc.Arbitrary<string> {
  if (schema === undefined) return fc.oneof(fc.constant(''), fragment);
  const right = valueFor(schema);
  return fc.oneof(
    { weight: 5, arbitrary: right.map((value) => JSON.stringify(value)) },
    { weight: 8, arbitrary: fc.tuple(right, change).map(([value, one]) => written(value, one)) },
    { weight: 2, arbitrary: fragment },
    {
      weight: 1,
      arbitrary: fc
        .tuple(right, fc.nat({ max: 200 }))
        .map(([value, cut]) => JSON.stringify(value).slice(0, cut)),
    },
    { weight: 1, arbitrary: right.map((value) => `\uFEFF${JSON.stringify(value)}`) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
}
