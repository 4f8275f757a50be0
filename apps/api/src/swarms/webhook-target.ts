import { isIP } from 'node:net';
import { hostOf, isPublicAddress } from '@claude-flow/core/runtime/public-address';
import type { ApiConfig } from '../config/config.ts';
import { ApiError } from '../http/errors/api-error.ts';

/**
 * Refuses at once what could never be delivered. What a name leads to is looked at with each delivery, by the scheduler.
 * @throws ApiError `validation_failed`
 */
export function refusePrivateTarget(
  config: Pick<ApiConfig, 'webhookAllowPrivate'>,
  target: string | undefined,
): void {
  if (target === undefined || config.webhookAllowPrivate) return;
  const host = hostOf(new URL(target)).replace(/\.$/, '');
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  if (!isLocal && (isIP(host) === 0 || isPublicAddress(host))) return;
  const message = `webhook.url leads to ${host}, which is not an address of the public internet. Use one that is; operators of a private network set WEBHOOK_ALLOW_PRIVATE=true.`;
  throw new ApiError('validation_failed', 'The request is not valid: webhook.url. See details.', {
    details: [{ field: 'webhook.url', message }],
  });
}
