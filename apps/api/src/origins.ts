/** In `CORS_ORIGINS`: pages of any origin may call. */
export const EVERY_ORIGIN = '*';

/** Does only this machine reach a server on this address? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Is this text exactly what a browser sends as `Origin`? */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/**
 * May a page of this origin open a WebSocket? Browsers do not apply CORS there, so the server has to ask.
 * @param origin undefined when the caller is no browser
 * @param host the request's own Host header: a page from here is always welcome
 */
export function originAllowed(
  allowed: '*' | readonly string[],
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined || allowed === '*' || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
