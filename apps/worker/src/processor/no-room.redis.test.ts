import { createLogger } from '@claude-flow/core/runtime/logger';
import { claimTask } from '@claude-flow/core/store/tasks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../test/fixture.ts';
import { holdTask } from '../lease/held-task.ts';
import { endAttempt } from './end-attempt.ts';
import type { ProcessorDeps } from './processor-deps.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture?.close());

const silent = createLogger({ service: 'test', level: 'silent' });
const noSpace = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** An attempt of a task that may not be tried again ends in this error. */
async function endedBy(error: unknown, full: boolean) {
  const { ledger, queues } = fixture;
  const swarmId = await fixture.swarm([{ maxRetries: 0 }]);
  const wish = { swarmId, taskId: 'task_001', attempt: 1, token: 'mine', workerId: 'w' };
  const claimed = await claimTask(ledger, wish);
  if (!claimed.claimed) throw new Error(claimed.why);
  const ended = await endAttempt(
    { ledger, queues, room: { full, check: async () => full }, workerId: 'w' } as ProcessorDeps,
    {
      task: holdTask(claimed.claim, performance.now()),
      spec: claimed.spec,
      state: claimed.state,
      log: silent,
      swarmLog: { write: () => undefined },
    },
    { error },
    () => 1,
  );
  return { ended, state: (await fixture.task(swarmId)).state };
}

it('a full disk is the worker’s fault: the task goes back, and no retry is spent', async () => {
  const { ended, state } = await endedBy(new Error('the file was not written', { cause: noSpace }), true);
  expect(ended).toMatchObject({ outcome: 'no-room', dispatch: true });
  expect(state).toMatchObject({ status: 'ready', failures: 0, attempt: 1 });
});

it('with room on the disk, or after another error, it is an error as any', async () => {
  for (const [error, full] of [
    [noSpace, false],
    [new Error('broken'), true],
  ] as const) {
    const { ended, state } = await endedBy(error, full);
    expect(ended.outcome).toBe('failed');
    expect(state).toMatchObject({ status: 'failed', failures: 1 });
  }
});
