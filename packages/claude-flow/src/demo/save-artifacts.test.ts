import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClaudeFlowClient } from '../client/client.ts';
import type { ArtifactInfo } from '../client/types-results.ts';
import type { TaskInfo } from '../client/types-tasks.ts';
import { type Answer, httpFixture } from '../test/http-fixture.ts';
import { isSafePath, saveArtifacts } from './save-artifacts.ts';

const file = (taskId: string, path: string, digest = `${taskId}:${path}`): ArtifactInfo => ({
  taskId,
  key: taskId,
  path,
  digest,
  size: 1,
  url: '',
});
const task = (id: string, ...dependencies: string[]) => ({ id: { id }, dependencies }) as unknown as TaskInfo;

describe('paths from a server', () => {
  it.each(['a', 'a/b.md', '.gitignore', 'ä/日.txt', 'a..b', '...'])('%s is fine', (path) => {
    expect(isSafePath(path)).toBe(true);
  });
  it.each([
    '',
    '/etc/x',
    '../x',
    'a/../../x',
    'a//b',
    'a/.',
    '..',
    'a\\..\\b',
    'C:/x',
    'a\0b',
    'a\nb',
    'x'.repeat(300),
  ])('%j is not', (path) => {
    expect(isSafePath(path)).toBe(false);
  });
});

describe('saving', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'claude-flow-save-'));
  });
  afterEach(() => rm(cwd, { recursive: true }));

  const serve = (artifacts: ArtifactInfo[]) =>
    httpFixture(((response, request) => {
      const listing = request.url.endsWith('/artifacts');
      response.end(listing ? JSON.stringify({ swarmId: 's', artifacts }) : `content of ${request.url}`);
    }) satisfies Answer);
  const save = (url: string, swarmId = 'swarm_1', tasks: TaskInfo[] = []) =>
    saveArtifacts(
      { client: new ClaudeFlowClient(url), signal: new AbortController().signal },
      swarmId,
      tasks,
      cwd,
    );

  it('takes the version that was built on the others, and keeps both of two that knew nothing of each other', async () => {
    const tasks = [task('task_001'), task('task_002', 'task_001'), task('task_003', 'task_001')];
    const files = [
      ...['task_001', 'task_002'].map((id) => file(id, 'a.md')),
      ...['task_002', 'task_003'].map((id) => file(id, 'b.md')),
    ];
    await using server = await serve(files);
    const saved = await save(server.url, 'swarm_1', tasks);
    expect(saved.files).toEqual(['CONFLICTS.txt', 'a.md', 'task_002/b.md', 'task_003/b.md']);
    expect(saved.conflicts).toEqual([
      'b.md: task_002 and task_003 left different versions, and none of them knew the other; they are kept as task_002/b.md and task_003/b.md.',
    ]);
    expect(await readFile(join(saved.folder, 'a.md'), 'utf8')).toContain('task_002/a.md');
    expect(await readFile(join(saved.folder, 'CONFLICTS.txt'), 'utf8')).toContain(saved.conflicts[0]);
  });

  it('writes files below artifacts/<swarm> and nothing elsewhere', async () => {
    const hostile = ['../../escaped', '/tmp/escaped', 'a\\..\\b'].map((path) => file('task_001', path));
    await using server = await serve([file('task_001', 'docs/a.md'), file('task_001', 'b'), ...hostile]);
    const saved = await save(server.url);
    expect(saved.files).toEqual(['b', 'docs/a.md']);
    expect(saved.refused).toEqual(['../../escaped', '/tmp/escaped', 'a\\..\\b']);
    expect(await readFile(join(saved.folder, 'docs/a.md'), 'utf8')).toBe(
      'content of /api/swarm/swarm_1/artifacts/task_001/docs/a.md',
    );
    expect(await readdir(cwd, { recursive: true })).toEqual(
      expect.arrayContaining([
        'artifacts',
        'artifacts/swarm_1',
        'artifacts/swarm_1/b',
        'artifacts/swarm_1/docs',
      ]),
    );
    expect(await readdir(cwd)).toEqual(['artifacts']);
  });

  it('does not follow a link out of the folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'claude-flow-outside-'));
    await mkdir(join(cwd, 'artifacts', 'swarm_1'), { recursive: true });
    await symlink(outside, join(cwd, 'artifacts', 'swarm_1', 'docs'));
    await using server = await serve([file('task_001', 'docs/a.md')]);
    expect((await save(server.url)).refused).toEqual(['docs/a.md']);
    expect(await readdir(outside)).toEqual([]);
    await rm(outside, { recursive: true });
  });

  it('keeps a file that lies where another task left a folder', async () => {
    await using server = await serve([file('task_001', 'a'), file('task_002', 'a/b')]);
    expect(await save(server.url)).toMatchObject({
      files: ['CONFLICTS.txt', 'a/b', 'task_001/a'],
      refused: [],
    });
  });

  it('refuses a swarm id that is a path', async () => {
    await expect(save('http://127.0.0.1:9', '../x/y')).rejects.toThrow('no name');
  });
});
