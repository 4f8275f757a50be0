import { describe, expect, it } from 'vitest';
import { drainWorker } from './drain.ts';

const never = () => new Promise<void>(() => undefined);

describe('drainWorker', () => {
  it('aborts what does not reach a boundary in time, and waits for it to hand back', async () => {
    const steps: string[] = [];
    const ended = Promise.withResolvers<void>();
    const done = await drainWorker(
      {
        pause: async () => void steps.push('pause'),
        announce: () => void steps.push('announce'),
        keeper: {
          interruptAll() {
            steps.push('interrupt');
            ended.resolve();
          },
        },
        idle: () => ended.promise,
      },
      { boundaryMs: 10, handBackMs: 5_000 },
    );
    expect(done).toBe(true);
    expect(steps).toEqual(['pause', 'announce', 'interrupt']);
  });

  it('ends even when nothing else does', async () => {
    const deps = {
      pause: never,
      announce: () => undefined,
      keeper: { interruptAll: () => undefined },
      idle: never,
    };
    expect(await drainWorker(deps, { boundaryMs: 10, handBackMs: 10 })).toBe(false);
  });
});
