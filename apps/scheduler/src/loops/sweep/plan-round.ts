import { PLAN_LEASE_MS } from '@claude-flow/core/runtime/tunables';

/** A lost plan is asked for again at most once in this time, however many sweeps find it missing. */
const ROUND_MS = PLAN_LEASE_MS;

/** Names a repeated request for a plan; sweeps within the same stretch of time give it the same name. */
export function planRound(now: number, offset = 0): string {
  return `sweep-${Math.floor(now / ROUND_MS) + offset}`;
}
