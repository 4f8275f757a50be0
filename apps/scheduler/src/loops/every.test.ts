import { createLogger } from '@claude-flow/core/runtime/logger';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { every, type Periodic } from './every.ts';

const PAUSE_MS = 60_000;
const FULL = new Error("OOM command not allowed when used memory > 'maxmemory'.");
const log = createLogger({ service: 'test', level: 'silent' });
let loop: Periodic;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  await loop.stop();
  vi.useRealTimers();
});

/** Counts rounds, each with what it throws, and what was said. */
function start(...faults: (Error | undefined)[]) {
  const said: string[] = [];
  const seen = { rounds: 0, said };
  const noting = Object.assign(log.child({}), {
    error: () => said.push('error'),
    warn: () => said.push('warn'),
    debug: () => said.push('debug'),
  });
  loop = every(PAUSE_MS, noting, 'A round', async () => {
    const fault = faults[seen.rounds];
    seen.rounds += 1;
    if (fault !== undefined) throw fault;
  });
  return seen;
}

it('comes again soon after Redis refused a round, and says so once', async () => {
  const seen = start(FULL, FULL, undefined);
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(seen.rounds).toBe(1);
  await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  // Two more soon after, and then nothing for a whole pause.
  expect(seen).toEqual({ rounds: 3, said: ['warn', 'debug'] });
});

it('keeps its pause after any other failure', async () => {
  const seen = start(new Error('WRONGTYPE Operation against a key'));
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  await vi.advanceTimersByTimeAsync(PAUSE_MS / 2);
  expect(seen).toEqual({ rounds: 1, said: ['error'] });
});
