import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@claude-flow/testing/wait-for';
import { expect, test } from 'vitest';
import { createTurnTaker } from './turn-taker.ts';

const SOON = { deadlineMs: 5_000, what: 'the looks' };

function recorder() {
  let release: () => void = () => undefined;
  const seen = { begun: 0, atOnce: 0, most: 0 };
  const look = async () => {
    seen.begun += 1;
    seen.atOnce += 1;
    seen.most = Math.max(seen.most, seen.atOnce);
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    seen.atOnce -= 1;
  };
  return { seen, look, release: () => release() };
}

test('one look at a time; asked for meanwhile, exactly one more follows', async () => {
  const taker = createTurnTaker(() => undefined);
  const { seen, look, release } = recorder();
  for (let i = 0; i < 10; i += 1) taker.soon(look);
  expect(seen.begun).toBe(1);
  release();
  await waitFor(() => seen.begun === 2, SOON);
  release();
  await waitFor(() => seen.atOnce === 0, SOON);
  expect(seen).toEqual({ begun: 2, atOnce: 0, most: 1 });
  await taker.close();
});

test('while nobody waited a moment ago looks are put off, and come once', async () => {
  const taker = createTurnTaker(() => undefined);
  let begun = 0;
  const look = async () => {
    begun += 1;
  };
  taker.heard(0);
  for (let i = 0; i < 10; i += 1) taker.soon(look);
  expect(begun).toBe(0);
  await waitFor(() => begun === 1, SOON);
  // Somebody waits after all: the look that was put off comes at once, and is not lost.
  taker.heard(0);
  taker.soon(look);
  taker.heard(3);
  expect(begun).toBe(2);
  await taker.close();
});

test('after its end nothing begins, and a look that fails is told', async () => {
  const errors: string[] = [];
  const taker = createTurnTaker((error) => errors.push(error.message));
  taker.soon(() => Promise.reject(new Error('broke')));
  await waitFor(() => errors.length === 1, SOON);
  expect(errors).toEqual(['broke']);
  await taker.close();
  let begun = 0;
  taker.soon(async () => {
    begun += 1;
  });
  await sleep(0);
  expect(begun).toBe(0);
});
