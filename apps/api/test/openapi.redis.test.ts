import { readFile } from 'node:fs/promises';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { description, expectDescribed, faultsOf, type OpenApi, validatorOf } from './described.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let redis: TestRedis;
let server: TestApi;
let served: OpenApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  served = (await server.call('/openapi.json')).json;
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

test('docs/openapi.json is what the server serves (else: pnpm --filter @claude-flow/api openapi)', async () => {
  const kept = await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
  expect(served).toEqual(JSON.parse(kept));
});

test('every route that is registered is described, and no other', () => {
  const undescribed = ['/', '/docs', '/docs/scalar.js', '/openapi.json', '/favicon.ico', '/favicon.svg'];
  const routes = server.api.app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/admin/'))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)(\{.*\})?/g, '{$1}')}`)
    .filter((route) => !undescribed.includes(route.split(' ')[1] ?? ''));
  const described = Object.entries(served.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect([...new Set(routes)].sort()).toEqual(described.sort());
});

const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('names of operations are there once each; tags are explained', () => {
  const names = operations.map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(operations.length);
  const tags = new Set(description.tags.map(({ name }) => name));
  for (const { operation } of operations) {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary).toMatch(/\w/);
    expect(operation.tags?.every((tag) => tags.has(tag))).toBe(true);
  }
  const schemes = Object.keys(description.components.securitySchemes);
  for (const { operation } of operations)
    for (const need of operation.security ?? [])
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(need)));
});

describe.each(operations)('$method $path', ({ path, method, operation }) => {
  test('names every status it can answer', () => {
    const statuses = Object.keys(operation.responses).map(Number);
    const wanted = [];
    const isPublic = operation.security?.length === 0;
    if (!isPublic) wanted.push(401, 429, 500, 503);
    if (path.includes('{')) wanted.push(404);
    if (operation.requestBody !== undefined) wanted.push(400, 415);
    if (method !== 'get') wanted.push(413);
    expect(statuses).toEqual(expect.arrayContaining(wanted));
    expect(statuses.some((status) => status < 300)).toBe(true);
    for (const status of statuses.filter((one) => one >= 400 && !isPublic)) {
      const [type] = Object.keys(operation.responses[String(status)]?.content ?? {});
      expect([status, type]).toEqual([status, 'application/problem+json']);
    }
  });

  test('its examples are what it says', () => {
    const medias = [
      ...Object.values(operation.requestBody?.content ?? {}),
      ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content ?? {})),
    ];
    for (const { schema, example, examples } of medias) {
      const all = [example, ...Object.values(examples ?? {}).map(({ value }) => value)];
      for (const one of all.filter((value) => value !== undefined)) {
        const validate = validatorOf(schema ?? {});
        expect(validate(one) ? '' : faultsOf(validate)).toBe('');
      }
    }
    const json = operation.responses['200']?.content?.['application/json'];
    if (json !== undefined) expect(json.example).toBeDefined();
  });
});

test('examples of single schemas and fields are what they say', () => {
  let seen = 0;
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { example, ...schema } = node as { example?: unknown; type?: unknown };
    if (example !== undefined && schema.type !== undefined) {
      const validate = validatorOf(schema);
      expect(validate(example) ? '' : `${JSON.stringify(example)}: ${faultsOf(validate)}`).toBe('');
      seen += 1;
    }
    for (const inner of Object.values(node)) look(inner);
  };
  look(description.components.schemas);
  expect(seen).toBeGreaterThan(20);
});

test('the check that all other tests rely on finds a status and a shape that are not described', () => {
  const check = (status: number, json: unknown) => () =>
    expectDescribed('GET', '/api/health', { status, contentType: 'application/json', json });
  expect(check(418, {})).toThrow('not in the description');
  expect(check(200, { status: 'sick' })).toThrow('not as described');
});
