import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseKeeper } from './lease/lease-keeper.ts';
import { DRAIN_BOUNDARY_MS, HAND_BACK_MS, PAUSE_MS } from './tunables.ts';

export interface DrainDeps {
  /** No new jobs. */
  pause(): Promise<void>;
  /** Tells agents to end at their next turn boundary. */
  announce(): void;
  keeper: Pick<LeaseKeeper, 'interruptAll'>;
  /** Resolves when no task is at hand. */
  idle(): Promise<void>;
}

/**
 * Ends a worker's tasks without losing a turn where time allows: every agent stops at a turn boundary and hands its task back;
 * one whose turn takes too long is aborted, and hands it back too.
 * @returns whether all did
 */
export async function drainWorker(
  deps: DrainDeps,
  times: { boundaryMs?: number; handBackMs?: number } = {},
): Promise<boolean> {
  const { boundaryMs = DRAIN_BOUNDARY_MS, handBackMs = HAND_BACK_MS } = times;
  await within(PAUSE_MS, deps.pause());
  deps.announce();
  if (await within(boundaryMs, deps.idle())) return true;
  deps.keeper.interruptAll();
  return within(handBackMs, deps.idle());
}

/** @returns whether the work succeeded in time */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timeUp = new AbortController();
  const late = sleep(ms, false, { signal: timeUp.signal }).catch(() => false);
  const done = await Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    late,
  ]);
  timeUp.abort();
  return done;
}
