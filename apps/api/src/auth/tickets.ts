import { createHash, randomBytes } from 'node:crypto';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { ticketKey } from '../redis-keys.ts';
import type { Principal } from './principal.ts';

/** A ticket opens one WebSocket within this; long enough for the page that asked for it to connect. */
export const TICKET_TTL_S = 30;

const hash = (ticket: string) => createHash('sha256').update(ticket).digest('hex');

/** A one-use pass for a WebSocket, which lets a browser connect without putting its key into an address. */
export async function issueTicket(ledger: Ledger, principal: Principal): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  const key = ticketKey(ledger.keys.prefix, hash(ticket));
  await ledger.redis.set(key, JSON.stringify(principal), 'EX', TICKET_TTL_S);
  return ticket;
}

/** @returns whose it was, once; undefined for a ticket that is unknown, spent or too old */
export async function redeemTicket(ledger: Ledger, ticket: string): Promise<Principal | undefined> {
  const stored = await ledger.redis.getdel(ticketKey(ledger.keys.prefix, hash(ticket)));
  return stored === null ? undefined : (JSON.parse(stored) as Principal);
}
