import { createHash } from 'node:crypto';
import { errorMessage } from '@claude-flow/core/domain/errors';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ApiError } from '../http/errors/api-error.ts';
import { limitKeyPrefix } from '../http/redis-keys.ts';
import type { BudgetKind } from './budget-kind.ts';

/** When Redis could not count, this process counts alone for this long before it asks again. */
const ALONE_FOR_MS = 1_000;
const TIMED_OUT = /^Command timed out/;

export interface BudgetState {
  allowed: boolean;
  /** `RateLimit-*` for the answer. */
  headers: Record<string, string>;
  points: number;
  windowS: number;
  /** Seconds until the window ends. */
  resetS: number;
}

export interface Budget {
  /**
   * Counts what `who` asks for, over all API processes; while Redis is away, over this one alone.
   * @param cost what it counts for; one request is 1
   * @throws when Redis hangs
   */
  spend(who: string, cost?: number): Promise<BudgetState>;
}

export function createBudget(
  ledger: Ledger,
  options: { kind: BudgetKind; points: number; windowMs: number },
  now: () => number,
): Budget {
  const { kind, points } = options;
  const windowS = Math.ceil(options.windowMs / 1000);
  const common = { keyPrefix: limitKeyPrefix(ledger.keys.prefix, kind), points, duration: windowS };
  const shared = new RateLimiterRedis({ ...common, storeClient: ledger.redis, rejectIfRedisNotReady: true });
  const own = new RateLimiterMemory(common);
  let aloneUntil = 0;

  async function count(key: string, cost: number): Promise<RateLimiterRes> {
    if (now() >= aloneUntil) {
      try {
        return await shared.consume(key, cost);
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return refusal;
        aloneUntil = now() + ALONE_FOR_MS;
        // Whoever has waited in vain once would do so again for what he asks: he is answered 503 now.
        if (TIMED_OUT.test(errorMessage(refusal))) throw refusal;
      }
    }
    return own.consume(key, cost).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
  }

  return {
    async spend(who, cost = 1) {
      const { consumedPoints, remainingPoints, msBeforeNext } = await count(hash(who), cost);
      const resetS = Math.max(1, Math.ceil(msBeforeNext / 1000));
      const headers = {
        'RateLimit-Limit': String(points),
        'RateLimit-Remaining': String(remainingPoints),
        'RateLimit-Reset': String(resetS),
      };
      return { allowed: consumedPoints <= points, headers, points, windowS, resetS };
    },
  };
}

/** @param what is counted, in the plural */
export function budgetSpent(state: BudgetState, what: string): ApiError {
  const { points, windowS, resetS, headers } = state;
  const message = `At most ${points} ${what} in ${windowS} s. Try again in ${resetS} s.`;
  return new ApiError('limit_exceeded', message, { retryAfter: resetS, headers });
}

/** A caller's own text never becomes part of a key. */
const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
