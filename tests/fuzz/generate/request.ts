import fc from 'fast-check';
import { type Operation, operations, type Parameter } from '../contract/document.ts';
import { bodyText, valueFor } from './json-text.ts';
import { nastyText, PLACES } from './texts.ts';
import { badToken } from './tokens.ts';

type Who = 'own' | 'admin' | 'nobody' | 'token';

/** One request, as it will be put on the wire; printable, so that a failure can be read and repeated. */
export interface FuzzRequest {
  operationId: string;
  who: Who;
  method: string;
  /** Path and query, as they are sent. */
  target: string;
  headers: [name: string, value: string][];
  body: string;
  framing: 'length' | 'chunked' | 'none';
  /** How the bytes of the body come. */
  coding: 'plain' | 'gzip' | 'latin1';
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const JSON_TYPES = ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'];
const OTHER_TYPES = [
  '',
  'text/plain',
  'text/html',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/vnd.api+json',
  'application/octet-stream',
  'application/json, text/plain',
  `application/json; x=${'y'.repeat(2_000)}`,
];
/** A header with a fault of one kind or another. */
const ODD_HEADERS: [string, string][] = [
  ['Accept', 'text/event-stream'],
  ['Accept', 'text/event-stream, */*;q=0.1'],
  ['Accept', '*/*;q=nan, ;;;,'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'br, gzip, identity'],
  ['Transfer-Encoding', 'gzip'],
  ['Expect', '100-continue'],
  ['Expect', 'a miracle'],
  ['Upgrade', 'websocket'],
  ['Upgrade', 'h2c'],
  ['Origin', 'null'],
  ['Origin', 'http://evil.example'],
  ['Access-Control-Request-Method', 'DELETE'],
  ['Range', 'bytes=0-0,5-1,-'],
  ['If-None-Match', '*'],
  ['X-Forwarded-For', '1.2.3.4, ::1, x'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Request-Id', 'a'.repeat(300)],
  ['X-Request-Id', 'a b"c<d>'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Cookie', '__proto__=1; a=b'],
  ['Host', 'evil.example:99999'],
  ['Host', 'a b'],
  ['Host', ''],
  ['Host', '[::1'],
  ['Idempotency-Key', ''],
  ['Idempotency-Key', 'one-and-the-same'],
  ['Authorization', 'Bearer'],
  ['Authorization', 'Basic !!!'],
  ['Authorization', 'Basic OnBhc3M='],
  ['X-API-Key', ''],
  ['X-API-Key', 'cf_0000'],
  ['Sec-WebSocket-Protocol', 'claude-flow, key.nobody'],
];
const EVENT_IDS = [
  '0',
  '1',
  '3-1',
  '3-99',
  '-1',
  '999999999999999',
  '1e3',
  '1-',
  'x',
  '99999999999999999999-1',
];
/** What a header can hold at all. */
const inHeader = (text: string) => text.replace(/[^\t\x20-\x7E\x80-\xFF]/g, '?').slice(0, 4_000);

const weighted = <T>(...pairs: [number, fc.Arbitrary<T>][]) =>
  fc.oneof(...pairs.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** As bytes of a request line: whatever is no visible ASCII is written with per cents. */
function escaped(text: string): string {
  const bytes = Buffer.from(text);
  return [...bytes]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

const RAW_SEGMENTS = [
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '%2F',
  '%2e%2e',
  '..',
  '.',
  '',
  ';a=b',
  '%25%32%66',
  '+',
  'é',
  '%ed%a0%80',
  '@',
];
const swarmPlace = fc.constantFrom(...PLACES);

function segment({ name }: Parameter): fc.Arbitrary<string> {
  const odd = fc.oneof(nastyText.map(escaped), fc.constantFrom(...RAW_SEGMENTS));
  if (name === 'id') return weighted<string>([12, swarmPlace], [2, odd]);
  if (name === 'taskId')
    return weighted<string>([8, fc.constantFrom('task_001', 'task_002', 'task_003', 'task_404')], [3, odd]);
  if (name === 'agentId')
    return weighted<string>([8, fc.constantFrom('agent_001', 'agent_002', 'agent_404')], [3, odd]);
  if (name === 'approvalId') return weighted<string>([6, fc.constant('@approval@')], [3, odd]);
  if (name === 'path')
    return weighted<string>([6, fc.constantFrom('@file@', 'docs/../x', '.workspace', 'a/b/c')], [4, odd]);
  return weighted<string>([4, fc.constant('@other-key-id@')], [4, odd]);
}

function queryPart({ name, schema }: Parameter): fc.Arbitrary<string> {
  const right = valueFor(schema).map((value) =>
    escaped(Array.isArray(value) ? value.join(',') : String(value)),
  );
  const odd = fc.oneof(nastyText.map(escaped), fc.constantFrom('%', '%ff', '', '@other-cursor@'));
  return weighted([3, right], [2, odd]).map((value) => `${name}=${value}`);
}

function targetOf(operation: Operation): fc.Arbitrary<string> {
  const paths = operation.parameters.filter((one) => one.in === 'path');
  const queries = operation.parameters.filter((one) => one.in === 'query');
  const query = weighted<string[]>(
    [3, fc.constant([])],
    [
      5,
      queries.length === 0
        ? fc.constant([])
        : fc.array(fc.oneof(...queries.map(queryPart)), { maxLength: 4 }),
    ],
    [
      1,
      fc.array(
        fc.constantFrom('a', 'a=1', 'limit', 'limit=', '__proto__=1', '[]=1', '%', '=', '&', 'ticket=x', '?'),
        { maxLength: 6 },
      ),
    ],
    [1, fc.constant(Array.from({ length: 600 }, (_, n) => `limit=${n}`))],
  );
  const path = fc
    .tuple(...paths.map(segment))
    .map((segments) =>
      paths.reduce(
        (at, { name }, index) => at.replace(`{${name}}`, () => segments[index] ?? ''),
        operation.path,
      ),
    );
  const bent = fc
    .tuple(path, fc.constantFrom('/', '//', '/.', '/..', '%2F', '\\', '%00', '#x', '.json', ';x'))
    .map(([at, end]) => at + end);
  const other = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '/api',
      '/api//swarm/create',
      '/API/SWARM/CREATE',
      '/admin/queues',
      '/admin/queues/../../api/keys',
      '/admin/queues/static/%2e%2e/x',
    ),
    fc.constantFrom(
      '*',
      'http://evil.example/api/swarms',
      '/docs',
      '/docs/scalar.js',
      '/openapi.json',
      '/%',
      '/%c0%af',
      `/${'a'.repeat(10_000)}`,
    ),
    fc.constantFrom(
      '/admin/queues/api/queues?activeQueue=x&page=-1',
      '/admin/queues/api/queues/task/1',
      '/admin/queues/api/queues/x/y/retry',
    ),
  );
  return fc
    .tuple(weighted([14, path], [2, bent], [1, other]), query)
    .map(([at, parts]) => (parts.length === 0 ? at : `${at}?${parts.join('&')}`));
}

function headersOf(operation: Operation, who: Who): fc.Arbitrary<[string, string][]> {
  const own = operation.parameters.filter((one) => one.in === 'header');
  const named = own.map(({ name }) =>
    weighted<string>(
      [2, fc.constantFrom(...EVENT_IDS)],
      [1, fc.constantFrom('one', 'two', 'three')],
      [2, nastyText.map(inHeader)],
    ).map((value): [string, string] => [name, value]),
  );
  const type = weighted([14, fc.constantFrom(...JSON_TYPES)], [2, fc.constantFrom(...OTHER_TYPES)]).map(
    (value): [string, string][] =>
      operation.body === undefined && value === JSON_TYPES[0] ? [] : [['Content-Type', value]],
  );
  const odd = weighted<[string, string][]>(
    [6, fc.constant([])],
    [3, fc.array(fc.constantFrom(...ODD_HEADERS), { maxLength: 3 })],
    [
      1,
      fc
        .tuple(
          fc.constantFrom('Accept', 'X-Forwarded-For', 'Idempotency-Key', 'X-API-Key', 'Authorization'),
          nastyText.map(inHeader),
        )
        .map((one) => [one]),
    ],
    [1, fc.constant(Array.from({ length: 110 }, (_, n): [string, string] => [`X-${n}`, '1']))],
  );
  const token =
    who === 'token'
      ? badToken.map((value): [string, string][] => [['Authorization', `Bearer ${value}`]])
      : fc.constant([]);
  return fc
    .tuple(type, fc.option(fc.oneof(...named, fc.constant(undefined)), { nil: undefined }), odd, token)
    .map(([a, b, c, d]) => [...a, ...(b === undefined ? [] : [b]), ...c, ...d]);
}

/** Mostly what the contract asks for, with faults of every kind mixed in. */
function requestFor(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const right = operation.method.toUpperCase();
  return fc
    .constantFrom<Who>('own', 'own', 'own', 'own', 'own', 'own', 'admin', 'nobody', 'token')
    .chain((who) =>
      fc.record({
        operationId: fc.constant(operation.operationId),
        who: fc.constant(who),
        method: weighted([16, fc.constant(right)], [1, fc.constantFrom(...METHODS)]),
        target: targetOf(operation),
        headers: headersOf(operation, who),
        body:
          right === 'GET'
            ? weighted([12, fc.constant('')], [1, bodyText(undefined)])
            : bodyText(operation.body),
        framing: weighted<FuzzRequest['framing']>([8, fc.constant('length')], [2, fc.constant('chunked')]),
        coding: weighted<FuzzRequest['coding']>(
          [14, fc.constant('plain')],
          [1, fc.constant('gzip')],
          [1, fc.constant('latin1')],
        ),
      }),
    );
}

/** Creations and additions more often than the rest: they take the most. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  ...operations.map((operation) => ({
    weight: operation.body === undefined ? 2 : 5,
    arbitrary: requestFor(operation),
  })),
);
