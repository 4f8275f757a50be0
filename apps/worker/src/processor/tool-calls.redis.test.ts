import { getResult } from '@claude-flow/core/store/task-reads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import {
  call,
  type ModelRequest,
  rawCall,
  resultOf,
  type ScriptedModel,
  say,
  startScriptedModel,
  submit,
  turnsOf,
} from '../../test/scripted-model.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

async function scripted(reply: Parameters<typeof startScriptedModel>[0]): Promise<ScriptedModel> {
  const model = await startScriptedModel(reply);
  closers.push(() => model.close());
  return model;
}

describe('what a model may do', () => {
  it('is told of every escape, missing permission and bad input, and can still finish', async () => {
    const calls = [
      call('t1', 'read_file', { path: '../../etc/passwd' }),
      call('t2', 'read_file', { path: '/etc/passwd' }),
      call('t3', 'write_file', { path: 'a.md', content: 'x' }),
      call('t4', 'read_file', { file: 1 }),
      call('t5', 'run_command', { command: 'id' }),
      submit('Too early'),
    ];
    const model = await scripted((request) =>
      turnsOf(request) === 0 ? { content: [say('Trying'), ...calls] } : { content: [submit('Done')] },
    );
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([
      { requirements: { capabilities: [], tools: [], permissions: ['read'] } },
    ]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [first, second] = model.requests as [ModelRequest, ModelRequest];
    expect(first.tools.map((tool) => tool.name)).not.toContain('write_file');
    const told = (id: string) => resultOf(second, id);
    expect(told('t1')).toEqual({ isError: true, text: expect.stringContaining('".." is not allowed') });
    expect(told('t2')).toEqual({ isError: true, text: expect.stringContaining('relative to the workspace') });
    expect(told('t3')).toEqual({ isError: true, text: expect.stringContaining('"write" permission') });
    expect(told('t4')).toEqual({ isError: true, text: expect.stringMatching(/path: .*file/s) });
    expect(told('t5')).toEqual({ isError: true, text: expect.stringContaining('no tool run_command') });
    expect(told('submit')).toEqual({ isError: true, text: expect.stringContaining('Not accepted') });
    expect((await getResult(fixture.ledger, swarmId, 'task_001'))?.summary).toBe('Done');
  });

  it.each([
    ['{"path": "a.md", "content": INVALID, "x": "un"escaped"}', 'The parser says'],
    ['{"path": "a.md", "content": "no end', 'The parser says'],
    ['["a.md", "x"]', 'It is a list'],
  ])(
    'is told what the parser says of an input that is not JSON, for one paid turn: %s',
    async (written, why) => {
      const model = await scripted((request) =>
        turnsOf(request) === 0
          ? { content: [rawCall('t1', 'write_file', written), call('t2', 'list_files', {})] }
          : { content: [submit('Done')] },
      );
      await fixture.worker(model.url);
      const swarmId = await fixture.swarm([{}]);
      expect(await fixture.ended(swarmId)).toBe('completed');
      expect(model.requests).toHaveLength(2);
      const told = resultOf(model.requests[1] as ModelRequest, 't1');
      expect(told).toEqual({ isError: true, text: expect.stringContaining(why) });
      expect((await getResult(fixture.ledger, swarmId, 'task_001'))?.artifacts).toEqual([]);
      expect((await fixture.task(swarmId)).state).toMatchObject({ turns: 2, failures: 0, inputTokens: 200 });
    },
  );

  it('may answer with what the provider refuses to be sent: it is put right once, and every request holds the same', async () => {
    const odd = [
      say(''),
      say(' \n'),
      rawCall('same', 'write_file', '{"path":"a.md","content":"half \\ud83d"}'),
      call('same', 'list_files', {}),
      call('', 'read_file', { path: 'b.md' }),
    ];
    const model = await scripted((request) =>
      turnsOf(request) < 2 ? { content: odd } : { content: [submit('Done')] },
    );
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    const [, second, third] = model.requests as [ModelRequest, ModelRequest, ModelRequest];
    const sent = third.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
    expect(sent.filter((block) => block.type === 'text')).toEqual([]);
    const ids = sent.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
    expect(ids).toHaveLength(6);
    expect(new Set([...ids, '']).size).toBe(7);
    const answered = sent.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
    expect(answered).toEqual(ids);
    expect(JSON.stringify(third)).not.toMatch(/\\ud[89a-f]/i);
    expect(third.messages.slice(0, second.messages.length)).toEqual(second.messages);
  });

  it('gets a call that was cut off at the output limit back, unrun', async () => {
    const model = await scripted((request) =>
      turnsOf(request) === 0
        ? {
            content: [
              call('t1', 'write_file', { path: 'a.md', content: 'whole' }),
              call('t2', 'write_file', { path: 'b.md', content: 'hal' }),
            ],
            stopReason: 'max_tokens',
          }
        : { content: [submit('Done')] },
    );
    await fixture.worker(model.url);
    const swarmId = await fixture.swarm([{}]);
    expect(await fixture.ended(swarmId)).toBe('completed');
    expect(resultOf(model.requests[1] as ModelRequest, 't2')).toMatchObject({ isError: true });
    const result = await getResult(fixture.ledger, swarmId, 'task_001');
    expect(result?.artifacts.map((entry) => entry.path)).toEqual(['a.md']);
  });

  it('writes to one path in the order of its calls', async () => {
    const calls = Array.from({ length: 8 }, (_, i) =>
      i === 0
        ? call('t0', 'write_file', { path: 'n.txt', content: '0' })
        : call(`t${i}`, 'edit_file', { path: './n.txt', old_text: `${i - 1}`, new_text: `${i}` }),
    );
    const model = await scripted((request) =>
      turnsOf(request) === 0
        ? { content: [...calls, call('r', 'read_file', { path: 'n.txt' }), call('l', 'list_files', {})] }
        : { content: [submit('Done')] },
    );
    await fixture.worker(model.url);
    await fixture.ended(await fixture.swarm([{}]));
    const [, second] = model.requests as [ModelRequest, ModelRequest];
    expect(resultOf(second, 'r')).toEqual({ text: '7', isError: false });
    expect(resultOf(second, 'l')?.text).toBe('n.txt (1 bytes)');
  });
});
