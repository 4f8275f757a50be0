import { readJournal } from '@claude-flow/core/store/journal';
import { getResult } from '@claude-flow/core/store/task-reads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { call, startScriptedModel, submit, turnsOf } from '../../test/scripted-model.ts';
import { TURN_CALLS, TURN_WRITE_BYTES } from '../tunables.ts';

let fixture: Fixture;
const closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(async () => {
  await fixture.close();
  for (const close of closers.splice(0)) await close();
});

/** One turn of these calls, then the end. @returns the answers by the calls' ids */
async function answersTo(calls: object[]) {
  const model = await startScriptedModel((request) => ({
    content: turnsOf(request) === 0 ? calls : [submit('Done')],
  }));
  closers.push(() => model.close());
  await fixture.worker(model.url);
  const swarmId = await fixture.swarm([{}]);
  expect(await fixture.ended(swarmId)).toBe('completed');
  const journal = await readJournal(fixture.ledger, swarmId, 'task_001');
  const finished = journal.flatMap((entry) =>
    entry.kind === 'tool.finished' && entry.turn === 1 ? [entry] : [],
  );
  const result = await getResult(fixture.ledger, swarmId, 'task_001');
  return { finished, artifacts: result?.artifacts.map(({ path }) => path) ?? [] };
}

it('a turn makes so many calls; each of the others is answered, and not run', async () => {
  const calls = Array.from({ length: 200 }, (_, n) => call(`s${n}`, 'search_files', { pattern: 'x' }));
  const last = call('w', 'write_file', { path: 'late.md', content: 'late' });
  const { finished, artifacts } = await answersTo([...calls, last]);
  expect(finished).toHaveLength(201);
  expect(finished.filter(({ isError }) => !isError)).toHaveLength(TURN_CALLS);
  expect(finished.at(-1)).toMatchObject({
    isError: true,
    content: expect.stringContaining('at most 64 tool calls'),
  });
  expect(artifacts).toEqual([]);
});

it('a turn writes so many bytes, whichever tools write them', async () => {
  const content = 'x'.repeat(TURN_WRITE_BYTES / 8 - 100);
  const writes = Array.from({ length: 7 }, (_, n) =>
    call(`w${n}`, 'write_file', { path: `${n}.txt`, content }),
  );
  // Little text, and the whole file again on the disk.
  const edit = call('e', 'edit_file', { path: '0.txt', old_text: content, new_text: 'y' });
  const { finished, artifacts } = await answersTo([
    ...writes,
    edit,
    call('more', 'write_file', { path: 'more.txt', content: `${content}${content}` }),
  ]);
  expect(finished.filter(({ isError }) => !isError)).toHaveLength(8);
  expect(finished.at(-1)).toMatchObject({
    id: 'more',
    content: expect.stringContaining('may write 8388608 bytes'),
  });
  expect(artifacts).not.toContain('more.txt');
});
