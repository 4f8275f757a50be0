import { isIP } from 'node:net';
import { isLoopback } from '@claude-flow/core/domain/loopback';

/** In `CORS_ORIGINS`: pages of any origin may call. */
export const EVERY_ORIGIN = '*';

/** Pages that may call: all, those of this machine (without authentication, unless some are named), or those named. */
export type AllowedOrigins = '*' | 'loopback' | readonly string[];

/** Is this text exactly what a browser sends as `Origin`? */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/**
 * May a page of this origin open a WebSocket, or change something without authentication? Browsers do not apply CORS there, so
 * the server has to ask.
 * @param origin undefined when the caller is no browser
 * @param host the request's own Host header: a page from here is always welcome
 */
export function originAllowed(
  allowed: AllowedOrigins,
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined || allowed === '*' || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host || (allowed === 'loopback' && isLoopback(page.hostname));
}

/**
 * May a request come under this name? A page on the internet can point its own name at this machine (DNS rebinding) and is then of
 * the same origin as this API; but it cannot choose what the name is. An address is no name.
 * @param host the Host header
 * @param names other names than those of the loopback address, in lower case
 */
export function hostAllowed(host: string, names: readonly string[]): boolean {
  const url = `http://${host}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isLoopback(bare) || isIP(bare) !== 0 || names.includes(bare);
}
