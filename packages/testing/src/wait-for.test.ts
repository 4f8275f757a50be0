import { expect, test } from 'vitest';
import { waitFor } from './wait-for.ts';

test('returns the first answer that is one; errors and empty answers mean not yet', async () => {
  const answers = [
    () => undefined,
    () => false as const,
    () => null,
    () => Promise.reject(new Error('no')),
    () => 0,
  ];
  const answer = await waitFor(() => answers.shift()?.(), {
    deadlineMs: 10_000,
    everyMs: 1,
    what: 'a number',
  });
  expect(answer).toBe(0);
  expect(answers).toEqual([]);
});

test.each([
  ['the last answer', () => false as const, 'Waited 0.05 s in vain for rain (last: false).'],
  [
    'the last error',
    () => {
      throw new Error('dry');
    },
    'Waited 0.05 s in vain for rain (last error: dry).',
  ],
  [
    'no answer at all',
    () => new Promise<string>(() => {}),
    'Waited 0.05 s in vain for rain (there was no answer yet).',
  ],
])('the failure names what was waited for and %s', async (_name, condition, message) => {
  await expect(waitFor<unknown>(condition, { deadlineMs: 50, everyMs: 5, what: 'rain' })).rejects.toThrow(
    message,
  );
});

test('the error that stood in the way is its cause', async () => {
  const cause = new Error('dry');
  const failing = waitFor(() => Promise.reject(cause), { deadlineMs: 20, everyMs: 5, what: 'rain' });
  await expect(failing).rejects.toMatchObject({ cause });
});
