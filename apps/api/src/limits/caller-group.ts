import type { Context } from 'hono';
import type { ApiConfig } from '../config/config.ts';
import type { AppEnv } from '../http/app-env.ts';
import { addressGroup, clientAddress } from './client-address.ts';

/** Whose budget a request is counted in: its owner's; without authentication, or a name, that of its address. */
export function callerName(c: Context<AppEnv>, config: Pick<ApiConfig, 'auth' | 'proxyHops'>): string {
  const owner = config.auth.enabled ? c.get('principal')?.owner : undefined;
  return owner ?? `address:${callerGroup(c, config.proxyHops)}`;
}

/** The address that a request is counted for. */
export function callerGroup(c: Context<AppEnv>, proxyHops: number): string {
  const peer = c.env?.incoming?.socket.remoteAddress;
  return addressGroup(clientAddress(peer, c.req.header('x-forwarded-for'), proxyHops));
}
