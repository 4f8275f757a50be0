import { ClaudeFlowError, type ErrorDetail } from '@claude-flow/core/domain/errors';
import { redisEviction } from '@claude-flow/core/redis/readiness';
import { countApiKeys } from '@claude-flow/core/store/api-keys';
import type { Ledger } from '@claude-flow/core/store/ledger';
import type { ApiConfig } from './config.ts';

/**
 * What the environment alone does not show: whether anybody could come in at all, and, in production, whether Redis keeps
 * what it is given.
 * @throws ClaudeFlowError `config_invalid` with all faults at once
 */
export async function checkStore(config: ApiConfig, ledger: Ledger): Promise<void> {
  const { auth } = config;
  const faults: ErrorDetail[] = [];
  const keyless = auth.apiKeys.length + auth.adminKeys.length === 0 && auth.tokens === undefined;
  if (auth.enabled && keyless && (await countApiKeys(ledger)) === 0) {
    faults.push({
      field: 'AUTH_ENABLED',
      message:
        'AUTH_ENABLED is true, yet no key could ever be accepted. Make one (pnpm run key:create --admin), or set API_KEYS, ' +
        'ADMIN_API_KEYS, JWT_SECRET or JWT_JWKS_URL.',
    });
  }
  const evicting = config.environment === 'production' ? await redisEviction(ledger.redis) : undefined;
  if (evicting !== undefined) faults.push({ field: 'REDIS_URL', message: evicting });
  if (faults.length === 0) return;
  const lines = faults.map(({ field, message }) => `  ${field}: ${message}`);
  throw new ClaudeFlowError('config_invalid', `The environment is not usable:\n${lines.join('\n')}`, {
    details: faults,
  });
}
