import { setTimeout as sleep } from 'node:timers/promises';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';

/** How often a state is looked at that nothing else tells of. */
const LOOK_EVERY_MS = 50;

/** @throws ClaudeFlowError `limit_exceeded` with the sentence when it has not come true in time */
export async function untilTrue(look: () => Promise<boolean>, ms: number, sentence: string): Promise<void> {
  const end = Date.now() + ms;
  while (!(await look())) {
    if (Date.now() > end) throw new ClaudeFlowError('limit_exceeded', sentence, { retryable: true });
    await sleep(LOOK_EVERY_MS);
  }
}
