import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LONGEST_LIST } from '../src/openapi/schemas.ts';
import { OBJECTIVE } from './bodies.ts';
import {
  bodyWith,
  type Path,
  parts,
  requestBodies,
  requestParameters,
  resolve,
  type Schema,
  sample,
} from './request-schemas.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** Whatever a caller sends has a size that is told in the description, and that holds. A new field is here by itself. */
let redis: TestRedis;
let api: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  api = await startTestApi(redis, {});
  swarmId = (await api.post('/api/swarm/create', { objective: OBJECTIVE })).json.swarmId;
});
afterAll(async () => {
  await api?.api.close();
  await redis?.stop();
});

/** Parts that could be of any size. */
function* boundless(given: Schema, path: Path): Generator<string> {
  const schema = resolve(given);
  const here = path.join('.');
  const { type, items, properties, anyOf, maxItems, maximum, minimum, exclusiveMinimum } = schema;
  if (schema.enum !== undefined || schema.const !== undefined || type === 'boolean' || type === 'null')
    return;
  if (anyOf !== undefined) {
    for (const one of anyOf) yield* boundless(one, path);
    return;
  }
  switch (type) {
    case 'string':
      if (schema.maxLength === undefined) yield `${here}: a text without maxLength`;
      return;
    case 'integer':
    case 'number':
      if (maximum === undefined || (minimum ?? exclusiveMinimum) === undefined)
        yield `${here}: a number without minimum and maximum`;
      return;
    case 'array':
      if (maxItems === 0) return;
      // What lists get that say nothing themselves.
      if (maxItems === undefined || maxItems === LONGEST_LIST) yield `${here}: a list without maxItems`;
      yield* boundless(items ?? {}, [...path, '*']);
      return;
    case 'object':
      for (const [name, property] of Object.entries(properties ?? {}))
        yield* boundless(property, [...path, name]);
      // Of a whole body, fields that nobody reads are dropped; MAX_BODY_BYTES bounds them.
      if (path.length > 1 && schema.additionalProperties !== false && schema['x-max-bytes'] === undefined)
        yield `${here}: an object that may hold anything, without x-max-bytes`;
      return;
    default:
      yield `${here}: anything, without a bound`;
  }
}

test('everything in every request has a bound', () => {
  const bodies = requestBodies.flatMap(({ method, path, schema }) => [
    ...boundless(schema, [`${method} ${path}`]),
  ]);
  const parameters = requestParameters.flatMap(({ method, path, name, schema }) => [
    ...boundless(schema, [`${method} ${path}`, name]),
  ]);
  expect([...bodies, ...parameters]).toEqual([]);
});

test.each<[string, Schema]>([
  ['a text', { type: 'string' }],
  ['a text in a list', { type: 'array', maxItems: 5, items: { type: 'string' } }],
  ['a list', { type: 'array', maxItems: LONGEST_LIST, items: { type: 'boolean' } }],
  ['an object', { type: 'object', additionalProperties: {} }],
  ['a number', { type: 'integer', minimum: 1 }],
  ['anything', {}],
])('this test sees %s without a bound', (_what, property) => {
  const body: Schema = { type: 'object', additionalProperties: false, properties: { inner: property } };
  expect([...boundless(body, ['body'])]).toHaveLength(1);
});

/** A value just over what a part may be, and just as it may be. */
function tooMuch(schema: Schema): { what: string; value: unknown } | undefined {
  const { maxLength, maxItems, maximum } = schema;
  const bytes = schema['x-max-bytes'];
  if (schema.enum !== undefined) return undefined;
  if (bytes !== undefined) return { what: `more than ${bytes} bytes`, value: { x: 'y'.repeat(bytes) } };
  if (maxLength !== undefined)
    return { what: `more than ${maxLength} characters`, value: 'a'.repeat(maxLength + 1) };
  if (maxItems !== undefined) {
    const value = Array.from({ length: maxItems + 1 }, () => sample(schema.items ?? {}));
    return { what: `more than ${maxItems} entries`, value };
  }
  return maximum === undefined ? undefined : { what: `more than ${maximum}`, value: maximum + 1 };
}

const bounds = requestBodies.flatMap(({ method, path, schema }) =>
  [...parts(schema)].flatMap((part) => {
    const over = tooMuch(part.schema);
    const field = part.path.map((step) => (step === '*' ? '0' : step)).join('.');
    if (over === undefined) return [];
    return [{ method, path, field, what: over.what, body: () => bodyWith(schema, part.path, over.value) }];
  }),
);

test('fields of every kind have a bound that can be tried', () => {
  const tried = bounds.map(({ path, field, what }) => `${path} ${field} ${what}`);
  expect(tried).toEqual(
    expect.arrayContaining([
      '/api/swarm/create options more than 16384 bytes',
      '/api/swarm/{id}/agents capabilities more than 4096 bytes',
      '/api/swarm/create tasks.0.dependencies.0 more than 64 characters',
    ]),
  );
});

describe.each(bounds)('$method $path: $field', ({ path, field, what, body }) => {
  test(`${what} is refused`, async () => {
    const ids: Record<string, string> = { id: swarmId, approvalId: 'approval_001_0123456789ab' };
    const to = path.replace(/\{(\w+)\}/g, (_all, id: string) => ids[id] ?? `${id.replace('Id', '')}_001`);
    const { status, json } = await api.post(to, body());
    expect([status, json.code]).toEqual([400, 'validation_failed']);
    const faults: { field: string }[] = json.details;
    // A list that is far too long is refused as a whole.
    expect(faults.map((fault) => fault.field)).toContainEqual(expect.stringMatching(`^${field}`));
  });
});

test('no parameter that is longer than told finds anything', async () => {
  const texts = requestParameters.filter(({ schema }) => resolve(schema).maxLength !== undefined);
  expect(texts.length).toBeGreaterThan(20);
  for (const { method, path, in: place, name, schema } of texts) {
    const long = 'a'.repeat((resolve(schema).maxLength ?? 0) + 1);
    const url = path.replace(/\{(\w+)\}/g, (_all, id: string) =>
      place === 'path' && id === name ? long : id === 'id' ? swarmId : `${id.replace('Id', '')}_001`,
    );
    const query = place === 'query' ? `?${name}=${long}` : '';
    const headers: Record<string, string> = place === 'header' ? { [name]: long } : {};
    const body = ['post', 'put', 'patch'].includes(method) ? { body: {} } : {};
    const { status } = await api.call(`${url}${query}`, { method: method.toUpperCase(), headers, ...body });
    expect([method, path, name, status]).toEqual([method, path, name, expect.toBeOneOf([400, 401, 404])]);
  }
});
