import { startTestRedis, type TestRedis } from '@claude-flow/testing/redis';
import { waitFor } from '@claude-flow/testing/wait-for';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveName } from '../src/artifacts/archive.ts';
import { DIAMOND, diamondSwarm, OBJECTIVE } from './bodies.ts';
import { startMiniWorker } from './mini-worker.ts';
import { openLedger, startTestApi, type TestApi } from './test-api.ts';

/** All files as one tar stream (C47). */
let redis: TestRedis;
let server: TestApi;
beforeAll(async () => {
  redis = await startTestRedis();
  server = await startTestApi(redis);
});
afterAll(async () => {
  await server?.api.close();
  await redis?.stop();
});

const paths = async (url: string) => [...(await unpacked(url)).keys()];

async function unpacked(url: string): Promise<Map<string, Buffer>> {
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toBe('application/x-tar');
  const files = new Map<string, Buffer>();
  const tar = extract();
  tar.end(Buffer.from(await answer.arrayBuffer()));
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

const completed = (id: string) =>
  waitFor(async () => (await server.call(`/api/swarm/${id}`)).json.data.status === 'completed', {
    deadlineMs: 10_000,
    what: 'the swarm to complete',
  });

test('every file of every task, byte by byte: large, empty, long and foreign names', async () => {
  const large = Buffer.alloc(3_000_000, 7);
  const long = `${'a-long-folder-name/'.repeat(12)}file.txt`;
  const worker = startMiniWorker(redis, {
    files: {
      a: [
        { path: 'docs/spec.md', content: Buffer.from('# Spec\n') },
        { path: 'bytes.bin', content: Buffer.from([0, 255, 10, 13]) },
      ],
      b: [
        { path: 'docs/spec.md', content: Buffer.from('another\n') },
        { path: 'empty', content: Buffer.alloc(0) },
        { path: '日本語/ü 1.txt', content: Buffer.from('x') },
      ],
      c: [{ path: 'large.bin', content: large }],
      d: [{ path: long, content: Buffer.from('deep') }],
    },
  });
  try {
    const { json } = await server.post('/api/swarm/create', { ...diamondSwarm, autoStart: true });
    await completed(json.swarmId);
    const url = `${server.api.url}/api/swarm/${json.swarmId}/artifacts.tar`;
    const files = await unpacked(`${url}?layout=tasks`);
    expect([...files.keys()]).toEqual([
      'task_001/docs/spec.md',
      'task_001/bytes.bin',
      'task_002/docs/spec.md',
      'task_002/empty',
      'task_002/日本語/ü 1.txt',
      'task_003/large.bin',
      `task_004/${long}`,
    ]);
    expect(files.get('task_001/bytes.bin')).toEqual(Buffer.from([0, 255, 10, 13]));
    expect(files.get('task_002/docs/spec.md')?.toString()).toBe('another\n');
    expect(files.get('task_003/large.bin')?.equals(large)).toBe(true);
    expect(files.get('task_002/empty')).toHaveLength(0);

    const tree = await unpacked(url);
    expect([...tree.keys()]).toEqual([
      long,
      'bytes.bin',
      'docs/spec.md',
      'empty',
      'large.bin',
      '日本語/ü 1.txt',
    ]);
    expect(tree.get('docs/spec.md')?.toString()).toBe('another\n');
    expect(tree.get('large.bin')?.equals(large)).toBe(true);
    expect(await paths(`${url}?layout=merged`)).toEqual([...tree.keys()]);
    expect((await server.call(`/api/swarm/${json.swarmId}/artifacts.tar?layout=other`)).status).toBe(400);
  } finally {
    await worker.stop();
  }
});

test('many files leave nothing behind: each that was written is done with', async () => {
  const files = Array.from({ length: 40 }, (_, i) => ({ path: `${i}.txt`, content: Buffer.from(`${i}`) }));
  const worker = startMiniWorker(redis, { files: { a: files } });
  const warnings: string[] = [];
  const heard = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', heard);
  try {
    const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
    const { swarmId } = (await server.post('/api/swarm/create', body)).json;
    await completed(swarmId);
    const found = await unpacked(`${server.api.url}/api/swarm/${swarmId}/artifacts.tar`);
    expect([found.size, warnings]).toEqual([40, []]);
  } finally {
    process.off('warning', heard);
    await worker.stop();
  }
});

test('versions of tasks that did not know of each other are all kept, and told', async () => {
  const version = (text: string) => [{ path: 'notes.md', content: Buffer.from(text) }];
  const worker = startMiniWorker(redis, { files: { b: version('left'), c: version('right') } });
  try {
    const tasks = DIAMOND.slice(0, 3);
    const { swarmId } = (
      await server.post('/api/swarm/create', { objective: OBJECTIVE, tasks, autoStart: true })
    ).json;
    await completed(swarmId);
    const files = await unpacked(`${server.api.url}/api/swarm/${swarmId}/artifacts.tar`);
    expect([...files.keys()]).toEqual(['CONFLICTS.txt', 'task_002/notes.md', 'task_003/notes.md']);
    expect(files.get('CONFLICTS.txt')?.toString()).toContain(
      'notes.md: task_002 and task_003 left different',
    );
    expect(files.get('task_003/notes.md')?.toString()).toBe('right');
    const { results } = (await server.call(`/api/swarm/${swarmId}/results`)).json;
    expect(results.conflicts).toEqual([
      {
        path: 'notes.md',
        versions: [
          { taskId: 'task_002', target: 'task_002/notes.md' },
          { taskId: 'task_003', target: 'task_003/notes.md' },
        ],
        settledBy: null,
        message: expect.stringContaining('they are kept as task_002/notes.md and task_003/notes.md'),
      },
    ]);
  } finally {
    await worker.stop();
  }
});

test('no file yet: an empty archive', async () => {
  const { json } = await server.post('/api/swarm/create', { objective: OBJECTIVE });
  expect((await unpacked(`${server.api.url}/api/swarm/${json.swarmId}/artifacts.tar`)).size).toBe(0);
});

test('a reader that leaves in the middle does no harm; contents that are gone are left out', async () => {
  const content = (i: number) => Buffer.alloc(2_000_000, i);
  const many = Array.from({ length: 8 }, (_, i) => ({ path: `${i}.bin`, content: content(i) }));
  const worker = startMiniWorker(redis, { files: { a: many } });
  const ledger = await openLedger(redis);
  try {
    const body = { objective: OBJECTIVE, tasks: DIAMOND.slice(0, 1), autoStart: true };
    const { swarmId } = (await server.post('/api/swarm/create', body)).json;
    await completed(swarmId);
    const url = `${server.api.url}/api/swarm/${swarmId}/artifacts.tar`;
    const abort = new AbortController();
    const started = await fetch(url, { signal: abort.signal });
    await started.body?.getReader().read();
    abort.abort();
    const { artifacts } = (await server.call(`/api/swarm/${swarmId}/artifacts`)).json;
    await ledger.redis.hdel(ledger.keys.swarm(swarmId, 'blobs'), artifacts[3].digest);
    const files = await unpacked(url);
    expect(files.size).toBe(7);
    expect(files.get('7.bin')?.equals(content(7))).toBe(true);
  } finally {
    ledger.redis.disconnect();
    await worker.stop();
  }
});

test.each([
  ['docs/a.md', 'docs/a.md'],
  ['/etc/passwd', 'etc/passwd'],
  ['../../up', 'up'],
  ['a/../../b', 'a/b'],
  ['..\\..\\windows', 'windows'],
  ['C:\\x', 'C_/x'],
  ['a\u0000b\u001b[31m', 'a_b_[31m'],
  ['././', 'file'],
])('the name %j in an archive is %j', (path, name) => {
  expect(archiveName(path)).toBe(name);
});
