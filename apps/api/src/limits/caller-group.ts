import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { addressGroup, clientAddress } from './client-address.ts';

/** Whom a request without a name is counted for. */
export function callerGroup(c: Context<AppEnv>, proxyHops: number): string {
  const peer = c.env?.incoming?.socket.remoteAddress;
  return addressGroup(clientAddress(peer, c.req.header('x-forwarded-for'), proxyHops));
}
