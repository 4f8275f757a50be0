import { expect, test } from 'vitest';
import { POLICY_CLASSES, POLICY_TOOLS, strictestPolicy, type ToolPolicy } from '../domain/tool-policy.ts';
import { toolPolicySchema } from './tool-policy.ts';

test('the stricter policy wins, whichever names it', () => {
  const swarm = { write_file: 'ask', read_file: 'deny', ask_human: 'allow' } as const;
  const task = { write_file: 'allow', read_file: 'ask', edit_file: 'deny' } as const;
  const both = {
    write_file: 'ask',
    read_file: 'deny',
    search_files: 'deny',
    edit_file: 'deny',
    ask_human: 'allow',
  };
  expect(strictestPolicy(swarm, task)).toEqual(both);
  expect(strictestPolicy(task, swarm)).toEqual(both);
  expect(strictestPolicy(undefined, undefined)).toEqual({});
});

test('a policy names known tools and known verdicts; each fault is told where it is', () => {
  expect(toolPolicySchema.parse({ write_file: 'ask' })).toEqual({ write_file: 'ask' });
  const bad = toolPolicySchema.safeParse({ rm_rf: 'ask', submit_result: 'deny', write_file: 'maybe' });
  const faults = bad.error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? [];
  expect(Object.fromEntries(faults)).toEqual({
    write_file: expect.stringContaining('allow, ask, deny'),
    '': expect.stringMatching(/rm_rf is not a field .*write_file.*submit_result is not/),
  });
});

test('no tool does what a policy keeps from another that comes to the same', () => {
  const writing = (policy: ToolPolicy) => {
    const { write_file, edit_file } = strictestPolicy(policy);
    return [write_file, edit_file];
  };
  expect(writing({ write_file: 'ask' })).toEqual(['ask', 'ask']);
  expect(writing({ edit_file: 'deny' })).toEqual(['deny', 'deny']);
  // Somebody has thought of it.
  expect(writing({ write_file: 'deny', edit_file: 'allow' })).toEqual(['deny', 'allow']);
  expect(strictestPolicy({ read_file: 'deny' })).toEqual({ read_file: 'deny', search_files: 'deny' });
  expect(strictestPolicy({ write_file: 'ask' }, { edit_file: 'allow' })).toMatchObject({ edit_file: 'ask' });
});

test('a class means all its tools, and a tool of it may only be treated more strictly', () => {
  expect(strictestPolicy({ write: 'ask' })).toEqual({ write_file: 'ask', edit_file: 'ask' });
  expect(strictestPolicy({ write: 'ask', edit_file: 'deny', write_file: 'allow' })).toEqual({
    write_file: 'ask',
    edit_file: 'deny',
  });
  expect(strictestPolicy({ read: 'deny' })).toEqual({
    list_files: 'deny',
    read_file: 'deny',
    search_files: 'deny',
  });
});

test('every tool but the one that asks people has a class', () => {
  for (const tool of POLICY_TOOLS.filter((name) => name !== 'ask_human')) {
    const all = Object.fromEntries(POLICY_CLASSES.map((kind) => [kind, 'deny' as const]));
    expect(strictestPolicy(all)[tool]).toBe('deny');
  }
});

test.each(['Write_File', 'write-file', 'wirte_file', 'writes'])(
  '%s: the name that was meant is told',
  (name) => {
    const message = toolPolicySchema.safeParse({ [name]: 'ask' }).error?.issues[0]?.message;
    expect(message).toMatch(/Did you mean write(_file)?\?/);
  },
);
