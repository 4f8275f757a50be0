import { expect, test } from 'vitest';
import { strictestPolicy } from '../domain/tool-policy.ts';
import { toolPolicySchema } from './tool-policy.ts';

test('the stricter policy wins, whichever names it', () => {
  const swarm = { write_file: 'ask', read_file: 'deny', ask_human: 'allow' } as const;
  const task = { write_file: 'allow', read_file: 'ask', edit_file: 'deny' } as const;
  const both = { write_file: 'ask', read_file: 'deny', edit_file: 'deny', ask_human: 'allow' };
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
    '': expect.stringMatching(/may name .*write_file.*; not rm_rf, submit_result/),
  });
});
