import { readArtifact } from '@claude-flow/core/store/artifacts';
import { readLogs } from '@claude-flow/core/store/logs';
import { getResult } from '@claude-flow/core/store/task-reads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelReply,
  type ModelRequest,
  resultOf,
  type ScriptedModel,
  startScriptedModel,
  submit,
  taskIdOf,
  turnsOf,
} from '../../test/scripted-model.ts';

let fixture: Fixture;
let model: ScriptedModel | undefined;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  await model?.close();
});

/** Each task takes its turns from a list, then hands in. */
async function work(script: Record<string, object[][]>) {
  model = await startScriptedModel((request): ModelReply => {
    const turn = script[taskIdOf(request)]?.[turnsOf(request)];
    return { content: turn ?? [submit(`Done with ${taskIdOf(request)}`)] };
  });
  await fixture.worker(model.url);
  const requests = model.requests;
  return (taskId: string) =>
    requests.filter((request) => taskIdOf(request) === taskId) as [ModelRequest, ...ModelRequest[]];
}

const write = (path: string, content: string) => call(`w-${path}`, 'write_file', { path, content });
const read = (path: string) => call(`r-${path}`, 'read_file', { path });
const DIAMOND = [
  {},
  { dependencies: ['task_001'] },
  { dependencies: ['task_001'] },
  { dependencies: ['task_002', 'task_003'] },
];

const warnings = async (swarmId: string) =>
  (await readLogs(fixture.ledger, swarmId, { limit: 50, level: 'warn' })).map(({ message }) => message);

async function contentOf(swarmId: string, taskId: string): Promise<Record<string, string | undefined>> {
  const result = await getResult(fixture.ledger, swarmId, taskId);
  const entries = (result?.artifacts ?? []).map(async ({ path, digest }) => {
    const content = await readArtifact(fixture.ledger, swarmId, digest);
    return [path, content?.toString()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe('the workspace of a task with dependencies', () => {
  it('holds all that was made upstream; the result holds only what the task changed', async () => {
    const requestsOf = await work({
      task_001: [[write('docs/a.md', 'a'), write('shared.md', '1')]],
      task_002: [[write('shared.md', '2')]],
      task_003: [[write('c.md', 'c')]],
      task_004: [
        [read('shared.md'), read('docs/a.md'), read('c.md')],
        [write('d.md', 'd'), write('c.md', 'c')],
      ],
    });
    const swarmId = await fixture.swarm(DIAMOND);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [first, second] = requestsOf('task_004') as [ModelRequest, ModelRequest];
    const message = String(first.messages[0]?.content);
    expect(message).toContain('<files>\nc.md (1 bytes)\ndocs/a.md (1 bytes)\nshared.md (1 bytes)\n</files>');
    expect(message).toContain('Done with task_002');
    expect(message).not.toContain('Done with task_001');
    expect(['shared.md', 'docs/a.md', 'c.md'].map((path) => resultOf(second, `r-${path}`)?.text)).toEqual([
      '2',
      'a',
      'c',
    ]);
    expect(await contentOf(swarmId, 'task_004')).toEqual({ 'd.md': 'd' });
  });

  it('holds both versions of a file that two tasks changed differently, for this one to merge', async () => {
    const requestsOf = await work({
      task_001: [[write('app.ts', 'base')]],
      task_002: [[write('app.ts', 'left')]],
      task_003: [[write('app.ts', 'right')]],
      task_004: [
        [
          read('app.ts'),
          read('.conflicts/task_002/app.ts'),
          read('.conflicts/task_003/app.ts'),
          write('.conflicts/task_002/app.ts', 'x'),
        ],
        [write('app.ts', 'left+right')],
      ],
    });
    const swarmId = await fixture.swarm([...DIAMOND, { dependencies: ['task_004'] }]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [first, second] = requestsOf('task_004') as [ModelRequest, ModelRequest];
    expect(String(first.messages[0]?.content)).toMatch(
      /<conflicts>\napp\.ts: changed differently by task_002 and task_003/,
    );
    expect(resultOf(second, 'r-app.ts')).toMatchObject({ isError: true });
    expect(resultOf(second, 'r-.conflicts/task_002/app.ts')?.text).toBe('left');
    expect(resultOf(second, 'r-.conflicts/task_003/app.ts')?.text).toBe('right');
    expect(resultOf(second, 'w-.conflicts/task_002/app.ts')).toMatchObject({ isError: true });
    expect(await contentOf(swarmId, 'task_004')).toEqual({ 'app.ts': 'left+right' });
    expect(String(requestsOf('task_005')[0].messages[0]?.content)).toContain(
      '<files>\napp.ts (10 bytes)\n</files>',
    );
    const found =
      '"Implement part 4" builds on tasks that left different versions of the same files: app.ts (task_002, task_003).';
    expect(await warnings(swarmId)).toEqual([expect.stringContaining(found)]);
  });

  it('says so when the task leaves the versions as they are, and none of them is its own', async () => {
    await work({ task_002: [[write('app.ts', 'left')]], task_003: [[write('app.ts', 'right')]] });
    const swarmId = await fixture.swarm(DIAMOND);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(await contentOf(swarmId, 'task_004')).toEqual({});
    expect(await warnings(swarmId)).toEqual([
      expect.stringContaining('builds on tasks that left different versions'),
      expect.stringContaining('did not merge the different versions it found: app.ts (task_002, task_003).'),
    ]);
  });

  it('goes on without a dependency that failed where its policy allows that', async () => {
    model = await startScriptedModel((request) =>
      taskIdOf(request) === 'task_001'
        ? { content: [], stopReason: 'refusal' }
        : { content: [submit('Done without it')] },
    );
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{ onFailure: 'continue' }, { dependencies: ['task_001'] }]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(String(model.requests.at(-1)?.messages[0]?.content)).toMatch(
      /failed and left no result: The model declined/,
    );
  });
});
