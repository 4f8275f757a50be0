import type { BudgetKind } from '../limits/budget-kind.ts';

/** The front door's own Redis keys; all others are the ledger's (`core/redis/keys.ts`). Both parts are hashes or constants. */
export function ticketKey(prefix: string, ticketHash: string): string {
  return `${prefix}:api:ticket:${ticketHash}`;
}

/** Says that there was such a ticket, and that it has been used. */
export function usedTicketKey(prefix: string, ticketHash: string): string {
  return `${prefix}:api:used-ticket:${ticketHash}`;
}

/** Prefix of the counters of one kind of request; the limiter appends the caller. */
export function limitKeyPrefix(prefix: string, kind: BudgetKind): string {
  return `${prefix}:api:limit:${kind}`;
}
