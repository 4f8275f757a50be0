import { readFileSync } from 'node:fs';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OBJECTIVE } from './bodies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

interface Described {
  paths: Record<string, Record<string, { requestBody?: { content?: Record<string, unknown> } }>>;
}
const document = new URL('../../../docs/openapi.json', import.meta.url);
const { paths } = JSON.parse(readFileSync(document, 'utf8')) as Described;
const takingJson = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations)
    .filter(([, { requestBody }]) => requestBody?.content?.['application/json'] !== undefined)
    .map(([method]) => [method.toUpperCase(), path] as const),
);

let redis: TestRedis;
let server: TestApi;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  swarmId = (await server.post('/api/swarm/create', { objective: OBJECTIVE })).json.swarmId;
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

test('there are such routes', () => expect(takingJson.length).toBeGreaterThanOrEqual(6));

test.each(takingJson)('%s %s looks at its body before its schema does', async (method, path) => {
  const url = `${server.api.url}${path}`
    .replace('{id}', swarmId)
    .replace('{taskId}', 'task_001')
    .replace('{approvalId}', 'approval_001_0123456789ab');
  const send = async (body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/json', ...more };
    const answer = await fetch(url, { method, headers, body });
    return [answer.status, ((await answer.json()) as { code: string }).code];
  };
  const notUtf8 = Uint8Array.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]);
  expect(await send(notUtf8)).toEqual([400, 'malformed_json']);
  const compressed = await send(Uint8Array.from(Buffer.from('{}')), { 'content-encoding': 'gzip' });
  expect(compressed).toEqual([415, 'unsupported_media_type']);
});
