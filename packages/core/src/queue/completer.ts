import type { TaskResult } from '../domain/task.ts';
import { OUTCOME, outcomeError } from '../redis/outcomes.ts';
import { COMPLETION_BYTES_AT_ONCE, COMPLETIONS_AT_ONCE } from '../runtime/tunables.ts';
import {
  type Completion,
  completeTasks,
  type HandOver,
  type WrittenCompletion,
  writtenCompletion,
} from '../store/completions.ts';
import type { TaskClaim } from '../store/task-claim.ts';
import { type DispatcherDeps, dispatchSwarm } from './dispatcher.ts';

/** Records the results of one worker's tasks. Those of one swarm that come in the same turn of the event loop go in one script. */
export interface Completer {
  /**
   * Records a result with what follows from it in the same step: hand-overs to this worker when it has places for them.
   * Repeat it with the same token.
   * @returns what was recorded, and `sendOn`: dispatches what else became ready
   * @throws ClaudeFlowError `fenced`, `artifact_too_large`
   */
  complete(
    done: { claim: TaskClaim; result: TaskResult; data: Record<string, unknown> },
    handOver?: HandOver,
  ): Promise<Completion & { sendOn?: () => Promise<void> }>;
}

interface Waiting {
  written: WrittenCompletion;
  resolve(completion: Completion | 'fenced'): void;
  reject(error: unknown): void;
}

export function createCompleter(deps: DispatcherDeps): Completer {
  /** Completions of this turn by swarm. */
  let gathered = new Map<string, Waiting[]>();

  function send(): void {
    const swarms = gathered;
    gathered = new Map();
    for (const waiting of swarms.values()) for (const portion of portions(waiting)) void record(portion);
  }

  async function record(portion: readonly Waiting[]): Promise<void> {
    try {
      const completions = await completeTasks(
        deps.ledger,
        portion.map(({ written }) => written),
      );
      for (const [i, waiting] of portion.entries()) waiting.resolve(completions[i] ?? 'fenced');
    } catch (error) {
      for (const waiting of portion) waiting.reject(error);
    }
  }

  function gather(written: WrittenCompletion): Promise<Completion | 'fenced'> {
    // When what this turn brought has been heard: the others come with the answers to other commands.
    if (gathered.size === 0) setImmediate(send);
    return new Promise((resolve, reject) => {
      const { swarmId } = written.claim;
      const waiting = { written, resolve, reject };
      const others = gathered.get(swarmId);
      if (others === undefined) gathered.set(swarmId, [waiting]);
      else others.push(waiting);
    });
  }

  return {
    async complete({ claim, result, data }, handOver) {
      const completion = await gather(await writtenCompletion(deps.ledger, claim, result, data, handOver));
      if (completion === 'fenced') throw outcomeError(OUTCOME.fenced, '');
      if (!completion.more) return completion;
      return {
        ...completion,
        async sendOn() {
          await dispatchSwarm(deps, claim.swarmId);
        },
      };
    },
  };
}

/** No script is so large that others wait for it for long. */
function portions(waiting: readonly Waiting[]): Waiting[][] {
  const all: Waiting[][] = [];
  let bytes = 0;
  for (const one of waiting) {
    const size = one.written.result.length + one.written.data.length;
    const last = all.at(-1);
    if (last === undefined || last.length >= COMPLETIONS_AT_ONCE || bytes + size > COMPLETION_BYTES_AT_ONCE) {
      all.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return all;
}
