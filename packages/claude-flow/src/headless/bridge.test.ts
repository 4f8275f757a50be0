import { describe, expect, it } from 'vitest';
import { ExecutionBridge } from './bridge.ts';
import { HeadlessCoordinator } from './coordinator.ts';

describe('work of the program’s own', () => {
  it('is tried again, and gives up with the last error', async () => {
    const bridge = new ExecutionBridge({ maxRetries: 2, retryDelay: 1 });
    let tries = 0;
    const flaky = async () => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries}`);
      return 'done';
    };
    expect(await bridge.execute(flaky)).toBe('done');
    tries = -10;
    await expect(bridge.execute(flaky)).rejects.toThrow('try -7');
  });

  it('is cut off after asyncTimeout, and told so', async () => {
    const bridge = new ExecutionBridge({ maxRetries: 0, asyncTimeout: 20 });
    let told: unknown;
    const hangs = (signal: AbortSignal) =>
      new Promise<never>(() =>
        signal.addEventListener('abort', () => {
          told = signal.reason;
        }),
      );
    await expect(bridge.execute(hangs)).rejects.toMatchObject({ code: 'task_timeout' });
    expect(told).toMatchObject({ code: 'task_timeout' });
  });

  it.each([2 ** 31, Number.POSITIVE_INFINITY])('a limit of %d ms cuts nothing off', async (asyncTimeout) => {
    const bridge = new ExecutionBridge({ maxRetries: 0, asyncTimeout });
    const work = () => new Promise((resolve) => setTimeout(() => resolve('done'), 30));
    expect(await bridge.execute(work)).toBe('done');
  });

  it('waits for a free place', async () => {
    const bridge = new ExecutionBridge({ maxConcurrentTasks: 2 });
    let atWork = 0;
    let most = 0;
    const work = async () => {
      atWork += 1;
      most = Math.max(most, atWork);
      await new Promise((resolve) => setImmediate(resolve));
      atWork -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => bridge.execute(work)));
    expect(most).toBe(2);
  });
});

it('a coordinator without a system says what it needs', async () => {
  const coordinator = new HeadlessCoordinator();
  await expect(coordinator.createSwarm('Something to be done')).rejects.toThrow(
    'Give it to a HeadlessSystem',
  );
});
