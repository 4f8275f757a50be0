import { errorMessage } from '@claude-flow/core/domain/errors';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { HEARTBEAT_EVERY_MS, TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
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
 * half a lease is taken for having lost the task: the agent stops before another worker can have begun.
 */
export function createLeaseKeeper(
  deps: LeaseKeeperDeps,
  timing: { everyMs?: number; leaseMs?: number } = {},
): LeaseKeeper {
  const { everyMs = HEARTBEAT_EVERY_MS, leaseMs = TASK_LEASE_MS } = timing;
  const held = new Set<HeldTask>();

  async function renew(task: HeldTask): Promise<void> {
    const sentAt = performance.now();
    task.renewing = true;
    try {
      const answer = await heartbeatTask(deps.ledger, task.claim, leaseMs);
      if (answer === 'cancel' || answer === 'budget' || answer === 'fenced') {
        task.lose(answer);
        return;
      }
      task.renewedAt = sentAt;
      if (answer === 'pause') task.suspend();
    } catch (error) {
      deps.log.debug({ ...context(task), reason: errorMessage(error) }, 'A lease could not be renewed');
    } finally {
      task.renewing = false;
    }
  }

  function look(): void {
    const now = performance.now();
    for (const task of held) {
      if (task.ownership.aborted) continue;
      if (now - task.renewedAt > leaseMs / 2) {
        deps.log.warn(context(task), 'The lease could not be renewed for half its time; the agent stops');
        task.lose('lease-doubt');
      } else if (!task.renewing) {
        void renew(task);
      }
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
