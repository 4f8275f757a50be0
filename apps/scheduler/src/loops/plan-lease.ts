import { randomUUID } from 'node:crypto';
import { enqueuePlan } from '@claude-flow/core/queue/dispatcher';
import type { Queues } from '@claude-flow/core/queue/queues';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { PLAN_RENEW_EVERY_MS } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { claimPlan } from '@claude-flow/core/store/plans';
import { untilAnswered } from './until-answered.ts';

export interface PlanLeaseDeps {
  ledger: Ledger;
  queues: Queues;
  log: Logger;
  /** Milliseconds between renewals. */
  renewEveryMs?: number;
}

/** The right to make one swarm's plan. While it is held, nobody else pays for the same plan. */
export interface PlanLease {
  readonly token: string;
  /** Aborted as soon as the plan is no longer ours to make, or no longer wanted. */
  readonly signal: AbortSignal;
  /** Renews now and aborts when that is refused. @returns whether it is still ours */
  confirm(): Promise<boolean>;
  /** Tells with each renewal what keeps the plan from being made, in a sentence; '' takes it back. */
  tellTrouble(sentence: string): void;
  /** The swarm ended, or this process does. */
  abort(reason: string): void;
  /** Stops renewing. */
  end(): void;
  /** Stops renewing and lets another scheduler take over at once. */
  handOver(): Promise<void>;
}

/**
 * @param stopping ends the waiting for a Redis that refuses; its reason is thrown
 * @returns undefined when another scheduler is at it, or there is nothing to plan any more
 */
export async function takePlanLease(
  deps: PlanLeaseDeps,
  swarmId: string,
  stopping: AbortSignal,
): Promise<PlanLease | undefined> {
  const { ledger, log } = deps;
  const token = randomUUID();
  const taken = await untilAnswered(stopping, () => claimPlan(ledger, swarmId, token));
  if (taken !== 'taken') return undefined;

  const controller = new AbortController();
  const abort = (reason: string) => controller.abort(new Error(reason));
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let trouble = '';

  async function confirm(): Promise<boolean> {
    if (controller.signal.aborted) return false;
    const state = await untilAnswered(controller.signal, () =>
      claimPlan(ledger, swarmId, token, { trouble }),
    );
    if (state === 'busy') abort('another scheduler makes this plan');
    if (state === 'over') abort('the swarm no longer waits for a plan');
    return state === 'taken';
  }

  function renewLater(): void {
    timer = setTimeout(() => {
      confirm()
        .catch((error: unknown) => log.warn({ err: error, swarmId }, 'The plan lease could not be renewed'))
        .finally(() => {
          if (!ended && !controller.signal.aborted) renewLater();
        });
    }, deps.renewEveryMs ?? PLAN_RENEW_EVERY_MS);
  }
  renewLater();

  function end(): void {
    ended = true;
    clearTimeout(timer);
  }

  return {
    token,
    signal: controller.signal,
    confirm,
    abort,
    tellTrouble(sentence) {
      trouble = sentence;
    },
    end,
    async handOver() {
      end();
      // Renewing for no time at all is giving the lease back; refused, it was not ours to give.
      if ((await claimPlan(ledger, swarmId, token, { leaseMs: 0 })) === 'taken')
        await enqueuePlan(deps, swarmId, token);
    },
  };
}
