import type { WebhookInfo } from '@claude-flow/core/store/webhooks';
import { isoOrNull } from '../http/time.ts';

export function webhookView(webhook: WebhookInfo | undefined) {
  if (webhook === undefined) return null;
  const { url, events, signed } = webhook;
  return {
    url,
    events,
    signed,
    status: webhook.state,
    deliveredSeq: webhook.seq,
    failedAttempts: webhook.attempts,
    nextAttemptAt: isoOrNull(webhook.dueAt),
    lastError: webhook.error ?? null,
  };
}
