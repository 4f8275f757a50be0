import { expect, test } from 'vitest';
import { parseClientList } from './connections.ts';

test('names and ages are read from the list, whatever else stands there', () => {
  const list = [
    'id=3 addr=127.0.0.1:1 laddr=127.0.0.1:2 fd=8 name=cf-worker:host-1-ab age=12 idle=0 flags=N db=0 cmd=evalsha user=default',
    'id=4 addr=127.0.0.1:3 fd=9 name= age=1 idle=0',
    'id=5 name=claude-flow-api-ledger age=700',
    '',
  ].join('\n');
  expect(parseClientList(list)).toEqual([
    { name: 'cf-worker:host-1-ab', ageMs: 12_000 },
    { name: '', ageMs: 1_000 },
    { name: 'claude-flow-api-ledger', ageMs: 700_000 },
  ]);
});
