import type { Draft } from '../kit.ts';
import type { Objective } from '../objective.ts';
import type { Field } from './fields.ts';
import { sampleRecord, sampleValue } from './fields.ts';

const uniqueTest = (objective: Objective, fields: readonly Field[]): string => {
  const field = fields.find((candidate) => candidate.unique);
  if (field === undefined) return '';
  return `
test('refuses a second ${objective.noun.one} with the same ${field.name}', async () => {
  const store = create${objective.noun.One}Store();
  await store.create(first);
  await assert.rejects(store.create({ ...second, ${field.name}: first.${field.name}.toUpperCase() }), ConflictError);
});
`;
};

/** Tests of validation and store. */
export const unitTestFile = (objective: Objective, fields: readonly Field[]): Draft => {
  const { noun } = objective;
  const lead = fields[0] ?? { name: 'name', kind: 'text' };
  const hasUnique = fields.some((field) => field.unique);
  return {
    path: 'test/store.test.js',
    content: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ${hasUnique ? 'ConflictError, ' : ''}create${noun.One}Store } from '../src/store.js';
import { validate${noun.One} } from '../src/validation.js';

const first = ${sampleRecord(fields, 1)};
const second = ${sampleRecord(fields, 2)};

test('accepts a complete ${noun.one}', () => {
  assert.deepEqual(validate${noun.One}(first), { value: first, errors: [] });
});

test('names every missing field', () => {
  const { errors } = validate${noun.One}({});
  assert.deepEqual(
    errors.map((error) => error.field),
    [${fields
      .filter((field) => field.required)
      .map((field) => `'${field.name}'`)
      .join(', ')}],
  );
});

test('an update may leave fields out, but not add unknown ones', () => {
  assert.deepEqual(validate${noun.One}({ ${lead.name}: ${sampleValue(lead, 3)} }, { partial: true }).errors, []);
  assert.equal(validate${noun.One}({ surprise: 1 }, { partial: true }).errors[0].field, 'surprise');
});

test('stores, changes and removes a ${noun.one}', async () => {
  const store = create${noun.One}Store();
  const created = await store.create(first);
  assert.equal((await store.get(created.id)).${lead.name}, first.${lead.name});
  const changed = await store.update(created.id, { ${lead.name}: 'Changed' });
  assert.equal(changed.${lead.name}, 'Changed');
  assert.equal(await store.remove(created.id), true);
  assert.equal(await store.get(created.id), undefined);
  assert.equal(await store.update(created.id, {}), undefined);
});

test('lists in pages and finds by text', async () => {
  const store = create${noun.One}Store();
  await store.create(first);
  await store.create(second);
  const page = await store.list({ limit: 1, offset: 1 });
  assert.equal(page.total, 2);
  assert.equal(page.items[0].${lead.name}, second.${lead.name});
  const found = await store.list({ search: '${lead.name} 2' });
  assert.deepEqual(found.items.map((item) => item.${lead.name}), [second.${lead.name}]);
});
${uniqueTest(objective, fields)}`,
  };
};

/** Tests over real HTTP. */
export const apiTestFile = (objective: Objective, fields: readonly Field[]): Draft => {
  const { noun, wants } = objective;
  const lead = fields[0]?.name ?? 'name';
  const options = wants.auth ? "{ token: 'secret' }" : '';
  const auth = wants.auth ? "authorization: 'Bearer secret', " : '';
  const guard = wants.auth
    ? `
test('refuses a call without the token', async () => {
  assert.equal((await fetch(base + '/${noun.slug}')).status, 401);
});
`
    : '';
  return {
    path: 'test/api.test.js',
    content: `import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from '../src/server.js';

const example = ${sampleRecord(fields, 1)};
const server = createServer(${options});
let base;

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = 'http://127.0.0.1:' + server.address().port;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const call = (method, path, body) =>
  fetch(base + path, {
    method,
    headers: { ${auth}'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

test('answers the health check', async () => {
  assert.equal((await fetch(base + '/health')).status, 200);
});

test('creates, reads, changes and deletes a ${noun.one}', async () => {
  const created = await call('POST', '/${noun.slug}', example);
  assert.equal(created.status, 201);
  const { id } = await created.json();
  assert.equal(created.headers.get('location'), '/${noun.slug}/' + id);
  assert.equal((await (await call('GET', '/${noun.slug}/' + id)).json()).${lead}, example.${lead});
  const changed = await call('PATCH', '/${noun.slug}/' + id, { ${lead}: 'Changed' });
  assert.equal((await changed.json()).${lead}, 'Changed');
  assert.equal((await call('DELETE', '/${noun.slug}/' + id)).status, 204);
  assert.equal((await call('GET', '/${noun.slug}/' + id)).status, 404);
});

test('lists with a total', async () => {
  await call('POST', '/${noun.slug}', example);
  const list = await (await call('GET', '/${noun.slug}?limit=10')).json();
  assert.equal(list.total, list.items.length);
  assert.ok(list.total >= 1);
});

test('refuses what it cannot accept', async () => {
  const invalid = await call('POST', '/${noun.slug}', {});
  assert.equal(invalid.status, 400);
  assert.equal((await invalid.json()).errors[0].field, '${fields.find((field) => field.required)?.name ?? lead}');
  assert.equal((await call('PUT', '/${noun.slug}', example)).status, 405);
  assert.equal((await call('GET', '/elsewhere')).status, 404);
  assert.equal((await call('GET', '/${noun.slug}?limit=many')).status, 400);
});
${guard}`,
  };
};
