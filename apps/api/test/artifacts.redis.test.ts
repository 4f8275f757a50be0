import { createHash } from 'node:crypto';
import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DIAMOND, OBJECTIVE } from './bodies.ts';
import { type MiniWorker, startMiniWorker } from './mini-worker.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0xff]);
const FILES = [
  { path: 'plain.txt', content: Buffer.from('plain') },
  { path: 'a b/ü#?&%=+.txt', content: Buffer.from('odd') },
  { path: 'deep/er/still/100%.md', content: Buffer.from('percent') },
  { path: 'a%2Fb.txt', content: Buffer.from('an encoded slash in a name') },
  { path: 'quo"te\'s;.txt', content: Buffer.from('quotes') },
  { path: '日本/👩‍👩‍👧.txt', content: Buffer.from('far') },
  { path: 'page.html', content: Buffer.from('<script>alert(1)</script>') },
  { path: 'drawing.svg', content: Buffer.from('<svg onload="alert(1)"/>') },
  { path: 'image.png', content: PNG },
  { path: 'empty', content: Buffer.alloc(0) },
];

let redis: TestRedis;
let server: TestApi;
let worker: MiniWorker;
let swarmId: string;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
  worker = startMiniWorker(redis, { files: { a: FILES } });
  const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
  swarmId = (await server.post('/api/swarm/create', body)).json.swarmId;
  await waitFor(async () => (await server.call(`/api/swarm/${swarmId}`)).json.data.status === 'completed', {
    deadlineMs: 10_000,
    what: 'the files to be there',
  });
});
afterAll(async () => {
  await worker?.stop();
  await server?.api.close();
  await redis?.stop();
});

test('every file listed can be fetched from where the list says, byte for byte', async () => {
  const { artifacts } = (await server.call(`/api/swarm/${swarmId}/artifacts`)).json;
  expect(artifacts.map((file: { path: string }) => file.path)).toEqual(FILES.map((file) => file.path));
  for (const [index, file] of artifacts.entries()) {
    const response = await fetch(`${server.api.url}${file.url}`);
    expect([file.path, response.status]).toEqual([file.path, 200]);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(FILES[index]?.content ?? Buffer.from('?'))).toBe(true);
    expect(file).toMatchObject({
      taskId: 'task_001',
      size: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
    });
  }
});

test('nothing that an agent wrote is run by a browser', async () => {
  for (const [path, type] of [
    ['page.html', 'text/plain; charset=utf-8'],
    ['drawing.svg', 'text/plain; charset=utf-8'],
    ['image.png', 'application/octet-stream'],
  ]) {
    const { headers } = await server.call(`/api/swarm/${swarmId}/artifacts/task_001/${path}`);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  }
});

test('a name of any characters survives the header', async () => {
  const url = `/api/swarm/${swarmId}/artifacts/task_001/${encodeURIComponent('quo"te\'s;.txt')}`;
  const disposition = (await server.call(url)).headers.get('content-disposition');
  expect(disposition).toBe('attachment; filename="quo_te_s_.txt"; filename*=UTF-8\'\'quo%22te%27s%3B.txt');
});

test.each([
  'task_001/none.txt',
  'task_001/../task_001/plain.txt/x',
  'task_001/%2e%2e/%2e%2e/meta',
  'task_001/%00',
  'task_001/%E0%A4%A',
  'task_002/plain.txt',
  'nonsense/plain.txt',
])('not there: %s', async (path) => {
  expect((await server.call(`/api/swarm/${swarmId}/artifacts/${path}`)).status).toBe(404);
});
