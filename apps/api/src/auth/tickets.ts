import { createHash, randomBytes } from 'node:crypto';
import { type Ledger, write } from '@claude-flow/core/store/ledger';
import { ticketKey, usedTicketKey } from '../http/redis-keys.ts';
import type { Principal } from './principal.ts';

/** A ticket opens one stream within this; long enough for the page that asked for it to connect. */
export const TICKET_TTL_S = 30;
/** How long a used ticket is remembered: an EventSource repeats its address by itself, which is no attempt to break in. */
const USED_TTL_S = 3_600;

const hash = (ticket: string) => createHash('sha256').update(ticket).digest('hex');

/** A one-use pass for a WebSocket or an event stream: a browser connects without putting its key into an address. */
export async function issueTicket(ledger: Ledger, principal: Principal): Promise<string> {
  const ticket = randomBytes(32).toString('base64url');
  const key = ticketKey(ledger.keys.prefix, hash(ticket));
  await write(ledger, key, ['SET', JSON.stringify(principal), 'EX', TICKET_TTL_S]);
  return ticket;
}

/** @returns whose it was, once; `used` after that, for an hour; undefined for a ticket that is unknown or too old */
export async function redeemTicket(ledger: Ledger, ticket: string): Promise<Principal | 'used' | undefined> {
  const { redis, keys } = ledger;
  const key = ticketKey(keys.prefix, hash(ticket));
  const usedKey = usedTicketKey(keys.prefix, hash(ticket));
  const stored = await write(ledger, key, ['GETDEL']);
  if (typeof stored !== 'string') return (await redis.exists(usedKey)) === 1 ? 'used' : undefined;
  await write(ledger, usedKey, ['SET', '1', 'EX', USED_TTL_S]);
  return JSON.parse(stored) as Principal;
}
