import { ClaudeFlowError } from '../domain/errors.ts';
import type { SwarmStatus } from '../domain/states.ts';
import type { TaskResult } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import type { ScriptReply } from '../redis/scripts.ts';
import { TASK_LEASE_MS } from '../runtime/tunables.ts';
import { inlineOrStored } from './large-values.ts';
import { type Ledger, transition } from './ledger.ts';
import type { TaskClaim } from './task-claim.ts';
import { type Claimed, claimedTask } from './tasks.ts';

/** A worker's wish to be handed ready tasks in the very step that records a result. */
export interface HandOver {
  /** They come already claimed with this token. Send the same one when the call is repeated. */
  token: string;
  workerId: string;
  /** At most so many. */
  places: number;
  leaseMs?: number;
}

/** A result, ready to be recorded: see {@link writtenCompletion}. */
export interface WrittenCompletion {
  claim: TaskClaim;
  /** JSON: the result, or where it lies. */
  result: string;
  /** JSON: what the event `task.completed` tells. */
  data: string;
  /** Digests of the contents that it refers to. */
  needed: readonly string[];
  handOver: HandOver | undefined;
}

export interface Completion {
  swarmStatus: SwarmStatus;
  /** Tasks that this made ready. */
  freed: number;
  /** The tasks handed over: held by the asking worker from now on. */
  handedOver: Claimed[];
  /** More could be dispatched. Of completions recorded together one says so. */
  more: boolean;
}

/**
 * Records the one result of a task. Repeating it with the same claim is fine: the answer names the same tasks handed over.
 * @param data what the event `task.completed` tells
 * @throws ClaudeFlowError `fenced`, `artifact_too_large` (a result above 256 KiB lies among the swarm's file contents)
 */
export async function completeTask(
  ledger: Ledger,
  claim: TaskClaim,
  result: TaskResult,
  data: Record<string, unknown>,
  handOver?: HandOver,
): Promise<Completion> {
  const written = await writtenCompletion(ledger, claim, result, data, handOver);
  const [completion] = await completeTasks(ledger, [written]);
  if (completion === undefined || completion === 'fenced') throw outcomeError(OUTCOME.fenced, '');
  return completion;
}

/**
 * Records the results of several tasks of one swarm in one step. Each is refused, or repeated, for itself.
 * @param completions of one swarm, and one worker
 * @returns what came of each, in their order
 */
export async function completeTasks(
  ledger: Ledger,
  completions: readonly WrittenCompletion[],
): Promise<(Completion | 'fenced')[]> {
  const [first] = completions;
  if (first === undefined) return [];
  const { swarmId } = first.claim;
  const asking = completions.find(({ handOver }) => handOver !== undefined)?.handOver;
  const reply = await transition(
    ledger,
    'complete-tasks',
    { swarmId },
    { workerId: asking?.workerId ?? '', leaseMs: asking?.leaseMs ?? TASK_LEASE_MS },
    completions.map(({ claim, result, data, needed, handOver }) => ({
      taskId: claim.taskId,
      token: claim.token,
      result,
      data,
      needed: JSON.stringify(needed),
      nextToken: handOver?.token ?? '',
      places: handOver?.places ?? 0,
    })),
  );
  return readCompletions(completions, reply);
}

function readCompletions(
  completions: readonly WrittenCompletion[],
  [, status, more, ...rest]: ScriptReply,
): (Completion | 'fenced')[] {
  let at = 0;
  let mayTell = more === 1;
  return completions.map(({ claim: { swarmId }, handOver }) => {
    const [outcome, freed, handed] = rest.slice(at, at + 3);
    at += 3;
    if (outcome === OUTCOME.fenced) return 'fenced';
    const handedOver = Array.from({ length: Number(handed) }, (_, i) => {
      const [taskId, state, spec] = rest.slice(at + 3 * i, at + 3 * i + 3);
      return claimedTask({ swarmId, taskId: String(taskId), token: handOver?.token ?? '' }, state, spec);
    });
    at += 3 * handedOver.length;
    const completion = {
      swarmStatus: status as SwarmStatus,
      freed: Number(freed),
      handedOver,
      more: mayTell,
    };
    mayTell = false;
    return completion;
  });
}

/**
 * A result as the ledger takes it. A large one goes among the file contents first; when that is refused because the task is
 * no longer this claim's, so is the task's end.
 * @throws ClaudeFlowError `artifact_too_large`
 */
export async function writtenCompletion(
  ledger: Ledger,
  claim: TaskClaim,
  result: TaskResult,
  data: Record<string, unknown>,
  handOver?: HandOver,
): Promise<WrittenCompletion> {
  const needed = [...new Set(result.artifacts.map((entry) => entry.digest))];
  const written = await inlineOrStored(ledger, claim, JSON.stringify(result), false).catch(
    (error: unknown) => {
      // Sent twice: complete-tasks knows whether the result is this claim's, and then changes nothing.
      if (error instanceof ClaudeFlowError && error.code === 'fenced') return { json: '{}' };
      throw error;
    },
  );
  if ('digest' in written && written.digest !== undefined) needed.push(written.digest);
  return { claim, result: written.json, data: JSON.stringify(data), needed, handOver };
}
