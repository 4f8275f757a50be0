import type { Queues } from './queues.ts';

/**
 * Has a scheduler send a swarm's events on. Asked for again for the same reason, before it has begun, it is once enough.
 * @param delayMs until then
 */
export async function enqueueWebhook(
  { webhook }: Pick<Queues, 'webhook'>,
  swarmId: string,
  reason: string,
  delayMs = 0,
): Promise<void> {
  const jobId = `${swarmId}.webhook.${reason}`;
  await webhook.add('deliver', { swarmId }, { jobId, ...(delayMs > 0 ? { delay: delayMs } : {}) });
}
