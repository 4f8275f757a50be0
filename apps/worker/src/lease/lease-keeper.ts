import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '@claude-flow/core/domain/errors';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import type { Logger } from '@claude-flow/core/runtime/logger';
import {
  HEARTBEAT_EVERY_MS,
  LEASE_DOUBT_SHARE,
  REDIS_RETRY_MS,
  TASK_LEASE_MS,
} from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { heartbeatTask, type TaskClaim } from '@claude-flow/core/store/tasks';
import { AttemptAborted } from './attempt-aborted.ts';
import { type HeldTask, holdTask } from './held-task.ts';

export interface LeaseKeeper {
  /** From now on the claim's lease is renewed, until `letGo`. */
  hold(claim: TaskClaim): HeldTask;
  letGo(task: HeldTask): void;
  /** A swarm has ended: its agents stop at once. */
  cancelSwarm(swarmId: string): void;
  /** Ends the work of all agents, who then hand their tasks back. */
  interruptAll(): void;
  readonly size: number;
  close(): void;
}

export interface LeaseKeeperDeps {
  ledger: Ledger;
  log: Logger;
}

/**
 * Renews the leases of all running tasks with one timer, and passes on what the ledger says. Not to hear from the ledger for
 * half a lease is doubt: the agent begins no further turn and no further model call. What is under way goes on, however long that
 * takes: it is being paid for, and whether it still counts is for the ledger to say, by the claim's token. Renewing goes on all the
 * while: a task that is still ours stays ours until it is handed back.
 */
export function createLeaseKeeper(
  deps: LeaseKeeperDeps,
  timing: { everyMs?: number; leaseMs?: number } = {},
): LeaseKeeper {
  const { everyMs = HEARTBEAT_EVERY_MS, leaseMs = TASK_LEASE_MS } = timing;
  const held = new Set<HeldTask>();

  async function renew(task: HeldTask): Promise<void> {
    task.renewing = true;
    try {
      // A Redis that only refuses for a while must not cost the rest of the pause.
      while (held.has(task) && !task.ownership.aborted && !(await heartbeat(task)))
        await sleep(Math.min(REDIS_RETRY_MS, everyMs));
    } finally {
      task.renewing = false;
    }
  }

  /** @returns whether that was all for now */
  async function heartbeat(task: HeldTask): Promise<boolean> {
    const sentAt = performance.now();
    try {
      const answer = await heartbeatTask(deps.ledger, task.claim, leaseMs);
      if (answer === 'cancel' || answer === 'budget' || answer === 'fenced') {
        task.lose(answer);
        return true;
      }
      task.renewedAt = sentAt;
      if (answer === 'pause') task.suspend('pause');
      return true;
    } catch (error) {
      deps.log.debug({ ...context(task), reason: errorMessage(error) }, 'A lease could not be renewed');
      return !isRedisAway(error);
    }
  }

  function look(): void {
    const now = performance.now();
    for (const task of held) {
      if (task.ownership.aborted) continue;
      doubt(task, now - task.renewedAt);
      if (!task.renewing) void renew(task);
    }
  }

  function doubt(task: HeldTask, unheardMs: number): void {
    if (unheardMs > leaseMs * LEASE_DOUBT_SHARE && !task.boundary.aborted) {
      deps.log.warn(
        context(task),
        'The lease could not be renewed for half its time; no further turn begins',
      );
      task.suspend('lease-doubt');
    }
  }

  const timer = setInterval(look, everyMs);
  return {
    hold(claim) {
      const task = holdTask(claim, performance.now());
      held.add(task);
      return task;
    },
    letGo: (task) => held.delete(task),
    cancelSwarm(swarmId) {
      for (const task of held) if (task.claim.swarmId === swarmId) task.lose('cancel');
    },
    interruptAll() {
      for (const task of held) task.interrupt(new AttemptAborted('shutdown'));
    },
    get size() {
      return held.size;
    },
    close: () => clearInterval(timer),
  };
}

function context(task: HeldTask): Record<string, unknown> {
  const { swarmId, taskId, attempt } = task.claim;
  return { swarmId, taskId, attempt };
}
