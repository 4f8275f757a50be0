import { expect, test } from 'vitest';
import { parseSwarm, STATE_FIELDS } from './swarm-record.ts';

test('a state is made of all that a record is made of, but for what its creator wrote', () => {
  const asked = new Set<string>();
  const meta = new Proxy<Record<string, string>>(
    {},
    {
      get(_meta, field) {
        asked.add(String(field));
        return undefined;
      },
    },
  );
  parseSwarm(meta);
  const counts = STATE_FIELDS.filter((field) => field.startsWith('tasks:'));
  expect([...asked, ...counts].sort()).toEqual([...STATE_FIELDS, 'objective', 'options'].sort());
});
