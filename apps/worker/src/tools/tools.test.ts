import { symlink, writeFile as writeToDisk } from 'node:fs/promises';
import { join } from 'node:path';
import { POLICY_TOOLS, strictestPolicy, type ToolPolicy } from '@claude-flow/core/domain/tool-policy';
import { createTempFolder, type TempFolder } from '@claude-flow/testing/temp-folder';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SEARCH_MATCHES, TOOL_OUTPUT_CHARS } from '../tunables.ts';
import { ToolFailure } from '../workspace/paths.ts';
import { createWorkspace, type Workspace } from '../workspace/workspace.ts';
import { editFile } from './edit-file.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import { searchFiles } from './search-files.ts';
import { createSearchService } from './search-service.ts';
import type { Tool } from './tool.ts';
import { createToolbox } from './toolbox.ts';
import { writeFile } from './write-file.ts';

let home: TempFolder;
let workspace: Workspace;
const search = createSearchService();
afterAll(() => search.close());
beforeEach(async () => {
  home = await createTempFolder('tools');
  workspace = await createWorkspace(home.path, 'task');
});
afterEach(() => home.remove());

const call = (tool: Tool, input: object, signal = new AbortController().signal) =>
  tool.run(tool.schema.parse(input), { workspace, signal, search, effort: { usedMs: 0 } });
const write = (path: string, content: string) => call(writeFile, { path, content });

describe('write_file and read_file', () => {
  it('gives back what was written', async () => {
    expect(await write('src/a.ts', 'let ü = 1;\n')).toBe('Created src/a.ts (12 bytes).');
    expect(await call(readFile, { path: './src/a.ts' })).toBe('let ü = 1;\n');
    expect(await write('src/a.ts', '')).toBe('Replaced src/a.ts (0 bytes).');
  });

  it('reads a part, and says where a cut file goes on', async () => {
    await write('long.txt', Array.from({ length: 10_000 }, (_, i) => `line ${i + 1}`).join('\n'));
    expect(await call(readFile, { path: 'long.txt', start_line: 5, line_count: 2 })).toBe('line 5\nline 6');
    const cut = await call(readFile, { path: 'long.txt' });
    expect(cut.length).toBeLessThan(TOOL_OUTPUT_CHARS + 200);
    const next = Number(/start_line (\d+)\]$/.exec(cut)?.[1]);
    expect(await call(readFile, { path: 'long.txt', start_line: next, line_count: 1 })).toBe(`line ${next}`);
    await expect(call(readFile, { path: 'long.txt', start_line: 20_000 })).rejects.toThrow('10000 lines');
  });

  it.each([
    [1, 0, 2],
    [0xff, 0xfe, 65],
  ])('neither shows nor edits a binary file (%s)', async (...bytes) => {
    await workspace.write('a.bin', Buffer.from(bytes));
    await expect(call(readFile, { path: 'a.bin' })).rejects.toThrow(/binary file of 3 bytes/);
    await expect(call(editFile, { path: 'a.bin', old_text: 'A', new_text: 'B' })).rejects.toThrow(/binary/);
  });

  it.each([readFile, writeFile, editFile])('stays inside: $name', async (tool) => {
    await symlink('/etc', join(workspace.root, 'etc'));
    for (const path of ['/etc/passwd', '../x', 'a/../../x', 'etc/passwd', 'etc/new']) {
      const input = { path, content: 'x', old_text: 'root', new_text: 'x' };
      const fields = tool === readFile ? { path } : tool === writeFile ? { path, content: 'x' } : omit(input);
      await expect(call(tool, fields), path).rejects.toThrow(ToolFailure);
    }
  });
});

function omit({ content: _content, ...rest }: Record<string, string>) {
  return rest;
}

describe('edit_file', () => {
  it('replaces the one place', async () => {
    await write('a.ts', 'one $& two\nthree');
    expect(await call(editFile, { path: 'a.ts', old_text: 'three', new_text: '$&' })).toBe(
      'Changed a.ts at line 2.',
    );
    expect(await call(readFile, { path: 'a.ts' })).toBe('one $& two\n$&');
  });

  it('does nothing when the place is not clear', async () => {
    await write('a.ts', 'aaa');
    await expect(call(editFile, { path: 'a.ts', old_text: 'aa', new_text: 'b' })).rejects.toThrow(
      'more than once',
    );
    await expect(call(editFile, { path: 'a.ts', old_text: 'x', new_text: 'b' })).rejects.toThrow(
      'does not occur',
    );
    expect(await call(readFile, { path: 'a.ts' })).toBe('aaa');
  });
});

describe('list_files', () => {
  it('lists all, a folder, a file, and says when there is nothing', async () => {
    expect(await call(listFiles, {})).toBe('The workspace is empty.');
    await write('src/a.ts', 'x');
    await write('src2/b.ts', 'xy');
    expect(await call(listFiles, {})).toBe('src/a.ts (1 bytes)\nsrc2/b.ts (2 bytes)');
    expect(await call(listFiles, { path: 'src' })).toBe('src/a.ts (1 bytes)');
    await expect(call(listFiles, { path: 'nope' })).rejects.toThrow('nothing at nope');
    await expect(call(listFiles, { path: '..' })).rejects.toThrow(ToolFailure);
  });
});

describe('search_files', () => {
  it('finds lines, in one folder or everywhere', async () => {
    await write('src/a.ts', 'const x = 1;\n  const y = 2;\n');
    await write('docs/b.md', 'a const in prose');
    expect(await call(searchFiles, { pattern: 'const [xy]' })).toBe(
      'src/a.ts:1: const x = 1;\nsrc/a.ts:2: const y = 2;',
    );
    expect(await call(searchFiles, { pattern: 'const', path: 'docs' })).toBe('docs/b.md:1: a const in prose');
    expect(await call(searchFiles, { pattern: 'nothing like it' })).toBe('No line matches.');
  });

  it('caps what it shows', async () => {
    await write('many.txt', 'hit\n'.repeat(SEARCH_MATCHES + 5));
    const answer = await call(searchFiles, { pattern: 'hit' });
    expect(answer.split('\n')).toHaveLength(SEARCH_MATCHES + 1);
    expect(answer).toContain('narrow the search');
  });

  it('cuts off a pattern that would never end, and goes on working', async () => {
    await write('evil.txt', `${'a'.repeat(60)}!`);
    await expect(call(searchFiles, { pattern: '^(a+)+$' })).rejects.toThrow(/longer than/);
    expect(await call(searchFiles, { pattern: '!' })).toContain('evil.txt:1:');
  });

  it('says what is wrong with a pattern', async () => {
    await expect(call(searchFiles, { pattern: '(' })).rejects.toThrow(/not a regular expression/);
  });

  it('looks behind no link', async () => {
    await using outside = await createTempFolder('outside');
    await writeToDisk(join(outside.path, 'secret.txt'), 'the secret word');
    await symlink(outside.path, join(workspace.root, 'out'));
    await symlink(join(outside.path, 'secret.txt'), join(workspace.root, 'link.txt'));
    expect(await call(searchFiles, { pattern: 'secret' })).toBe('No line matches.');
    await expect(call(searchFiles, { pattern: 'secret', path: 'out' })).rejects.toThrow(ToolFailure);
    await expect(call(searchFiles, { pattern: 'secret', path: '..' })).rejects.toThrow(ToolFailure);
  });

  it('ends when the attempt does', async () => {
    await write('evil.txt', `${'a'.repeat(60)}!`);
    const stop = new AbortController();
    const running = call(searchFiles, { pattern: '^(a+)+$' }, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });
});

describe('a tool policy', () => {
  it('means by a class the tools that are of it here', () => {
    const box = createToolbox(['read', 'write', 'execute']);
    for (const name of POLICY_TOOLS.filter((tool) => tool !== 'ask_human')) {
      const kind = box.get(name)?.class;
      expect([name, kind && strictestPolicy({ [kind]: 'deny' })[name]]).toEqual([name, 'deny']);
    }
  });

  const all = ['read', 'write', 'execute'] as const;
  const names = (policy: ToolPolicy) =>
    createToolbox(all, undefined, policy).definitions.map((tool) => tool.name);

  it('may name every tool but the one that ends the task', () => {
    const there = names({ ask_human: 'allow' }).filter((name) => name !== 'submit_result');
    expect(there.filter((name) => !(POLICY_TOOLS as readonly string[]).includes(name))).toEqual([]);
  });

  it('has a tool asked for, or takes it away; ask_human is there only where it is named, and always asks', () => {
    const box = createToolbox(all, undefined, { write_file: 'ask', edit_file: 'deny', ask_human: 'allow' });
    expect(['write_file', 'read_file', 'ask_human', 'submit_result'].map((name) => box.asks(name))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(box.get('edit_file')).toBeUndefined();
    expect(box.asks('edit_file')).toBe(false);
    expect(box.refusal('edit_file')).toContain('tool policy');
    expect(names({})).not.toContain('ask_human');
    expect(names({ ask_human: 'deny' })).not.toContain('ask_human');
    // A permission that is not there is not given by a policy.
    expect(createToolbox(['read'], undefined, { write_file: 'allow' }).get('write_file')).toBeUndefined();
  });
});

describe('createToolbox', () => {
  const names = (...permissions: Parameters<typeof createToolbox>[0]) =>
    createToolbox(permissions).definitions.map((tool) => tool.name);

  it('holds what the permissions allow, in one order', () => {
    expect(names('read', 'write')).toEqual([
      'list_files',
      'read_file',
      'write_file',
      'edit_file',
      'search_files',
      'submit_result',
    ]);
    expect(names('read')).toEqual(['list_files', 'read_file', 'search_files', 'submit_result']);
    expect(names()).toEqual(['submit_result']);
  });

  it('says why a tool is not there', () => {
    const box = createToolbox(['read']);
    expect(box.get('write_file')).toBeUndefined();
    expect(box.refusal('write_file')).toContain('"write" permission');
    expect(box.refusal('run_command')).toContain('There is no tool run_command');
  });

  it('sends no limits that model servers refuse: inputs are checked here', () => {
    const names = new Set<string>();
    const walk = (value: unknown, ofNames: boolean): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, entry] of Object.entries(value)) {
        if (!ofNames && !Array.isArray(value)) names.add(name);
        walk(entry, name === 'properties' && !ofNames);
      }
    };
    const { definitions, get } = createToolbox(['read', 'write'], undefined, { ask_human: 'allow' });
    for (const { input_schema } of definitions) walk(input_schema, false);
    const plain = ['type', 'properties', 'required', 'additionalProperties', 'items', 'description', 'enum'];
    expect([...names].filter((name) => !plain.includes(name))).toEqual([]);
    const long = { summary: 'x'.repeat(1_000_000) };
    expect(get('submit_result')?.schema.safeParse(long).success).toBe(false);
  });

  it('describes inputs with a schema that names each field', () => {
    const definition = createToolbox(['write']).definitions.find((tool) => tool.name === 'write_file');
    expect(definition?.input_schema).toMatchObject({
      type: 'object',
      properties: { path: { type: 'string' }, content: { type: 'string' } },
      required: ['path', 'content'],
      additionalProperties: false,
    });
    expect(JSON.stringify(createToolbox(['read']).definitions)).toBe(
      JSON.stringify(createToolbox(['read']).definitions),
    );
  });
});
