import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('one at a time, and names take turns however much each asks for', async () => {
  const turns = createTurns();
  const order: string[] = [];
  let atOnce = 0;
  let most = 0;
  const work = (what: string) => async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await Promise.resolve();
    order.push(what);
    atOnce -= 1;
    return what;
  };
  const asked = ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2'];
  const done = await Promise.all(asked.map((what) => turns(what.slice(0, 1), work(what))));
  expect(done).toEqual(asked);
  expect(most).toBe(1);
  expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('what fails is told to who asked, and the others go on', async () => {
  const turns = createTurns();
  const failing = turns('a', () => Promise.reject(new Error('no')));
  const other = turns('a', () => Promise.resolve(1));
  await expect(failing).rejects.toThrow('no');
  expect(await other).toBe(1);
  expect(await turns('b', () => Promise.resolve(2))).toBe(2);
});
