import type { Logger } from '../runtime/logger.ts';
import type { Queues } from './queues.ts';

/**
 * Has BullMQ deliver no more than so many tasks at once in the whole fleet; a delivery is an agent at work. The value stands
 * in Redis, so the last process to start decides, and says so when that changes it.
 * @param cap undefined: no cap
 */
export async function applyFleetCap(queues: Queues, cap: number | undefined, log: Logger): Promise<void> {
  const before = (await queues.task.getGlobalConcurrency()) ?? undefined;
  if (before === cap) return;
  if (cap === undefined) await queues.task.removeGlobalConcurrency();
  else await queues.task.setGlobalConcurrency(cap);
  const now = cap === undefined ? 'without a cap' : `capped at ${cap} agents at work`;
  const facts = { event: 'fleet.cap', before: before ?? null, cap: cap ?? null };
  if (before === undefined) log.info(facts, `The fleet is ${now}`);
  else {
    const was = `The fleet is ${now} from now on; the cap was ${before}`;
    log.warn(facts, `${was}. Give CLAUDE_FLOW_MAX_AGENTS the same value in all schedulers and workers.`);
  }
}
