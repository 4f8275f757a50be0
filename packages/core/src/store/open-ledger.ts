import { ClaudeFlowError } from '../domain/errors.ts';
import { createDeadlines, type Deadlines } from '../redis/clock.ts';
import { type ConnectOptions, findRedis } from '../redis/connect.ts';
import { durabilityWarning } from '../redis/durability.ts';
import { createRedisProbe, type RedisProbe } from '../redis/readiness.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { redisAddress } from '../runtime/redis-url.ts';
import { createLedger, type Ledger } from './ledger.ts';

export interface OpenedLedger {
  ledger: Ledger;
  /** Of a connection whose callers give up some time (`commandTimeoutMs`): then each command ends too. */
  deadlines: Deadlines | undefined;
  /** Where further connections lead to. */
  redisUrl: string;
  probe: RedisProbe;
}

/**
 * A process's first connection, with the proof that this Redis can do what is needed. What may be lost or is not possible for
 * the moment is logged.
 * @throws ClaudeFlowError `redis_unavailable`, `config_invalid`: one sentence; then no connection is left
 */
export async function openLedger(
  options: ConnectOptions,
  { prefix, metrics, log }: { prefix: string; metrics: Metrics; log: Logger },
): Promise<OpenedLedger> {
  const { redis, url, note } = await findRedis(options);
  try {
    const limitMs = options.commandTimeoutMs;
    const deadlines = limitMs === undefined ? undefined : createDeadlines(redis, { limitMs });
    const ledger = createLedger({
      redis,
      prefix,
      metrics,
      ...(deadlines === undefined ? {} : { deadlines }),
    });
    const probe = createRedisProbe(ledger);
    if (note !== undefined) log.warn({ event: 'redis.cluster' }, note);
    await probe.prove((sentence) => log.warn({ event: 'redis.not_ready' }, sentence));
    const warning = await durabilityWarning(redis);
    if (warning !== undefined) log.warn({ event: 'redis.durability' }, warning);
    return { ledger, deadlines, redisUrl: url, probe };
  } catch (error) {
    redis.disconnect();
    if (!(error instanceof ClaudeFlowError)) throw error;
    const message = `Redis at ${redisAddress(url)} cannot be used: ${error.message}`;
    throw new ClaudeFlowError(error.code, message, { cause: error });
  }
}
