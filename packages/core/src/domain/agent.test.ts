import { expect, test } from 'vitest';
import { parseAgent } from './agent.ts';

const busy = 'coder|task_007|1700000000500|3|1|1200|"coder-2"|2|1700000000000||';

test('a living agent is busy with its task, or idle', () => {
  expect(parseAgent('agent_002', busy, true)).toEqual({
    id: 'agent_002',
    type: 'coder',
    instance: 2,
    name: 'coder-2',
    status: 'busy',
    taskId: 'task_007',
    busySince: 1_700_000_000_500,
    tasksCompleted: 3,
    tasksFailed: 1,
    busyMs: 1200,
    spawnedAt: 1_700_000_000_000,
  });
  const idle = parseAgent('agent_002', 'coder|||3|1|1200|"coder-2"|2|1700000000000||', true);
  expect(idle).toMatchObject({ status: 'idle', tasksCompleted: 3 });
  expect(idle).not.toHaveProperty('taskId');
});

test('a terminated one says when', () => {
  const text = 'coder|||3|1|1200|"coder-2"|2|1700000000000|1700000009000|{"a":"\\u007c"}';
  expect(parseAgent('agent_002', text, false)).toMatchObject({
    status: 'terminated',
    terminatedAt: 1_700_000_009_000,
    capabilities: '{"a":"\\u007c"}',
  });
});
