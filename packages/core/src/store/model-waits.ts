import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';

export interface ModelWait {
  /** 1, 2, 3 ... within the attempt: sending the same once more is fine. */
  number: number;
  /** Milliseconds from now. */
  waitMs: number;
  /** What the model provider said or did, in a sentence. */
  reason: string;
}

/**
 * Tells everybody that a running task waits until its model call is made again, and why.
 * @returns until when, in milliseconds since 1970 by the ledger's clock
 * @throws ClaudeFlowError `fenced` when the task is no longer this claim's
 */
export async function noteModelWait(ledger: Ledger, claim: TaskClaim, wait: ModelWait): Promise<number> {
  const { taskId, token } = claim;
  const [, until] = await transition(ledger, 'note-model-wait', claim, { taskId, token, ...wait });
  return Number(until);
}
