import { isIP } from 'node:net';

/**
 * The address that a request comes from, as far as it can be believed. Each trusted proxy has added one entry at the right
 * of `X-Forwarded-For`; what stands further left the client may have written itself.
 * @param hops trusted proxies in front; 0: the header counts for nothing
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string {
  const direct = peer ?? 'unknown';
  if (hops === 0 || forwardedFor === undefined) return direct;
  const entries = forwardedFor.split(',').map((entry) => withoutPort(entry.trim()));
  const entry = entries[Math.max(0, entries.length - hops)] ?? '';
  return isIP(entry) === 0 ? direct : entry;
}

/** `1.2.3.4:5`, `[2001:db8::1]:5` as some proxies write it. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(entry) ? entry.slice(0, entry.lastIndexOf(':')) : entry;
}

/** Whom an address stands for: one IPv4 address, or an IPv6 /64, which is what one customer gets. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const plain = address.split('%')[0] ?? address;
  if (isIP(plain) !== 6) return plain;
  // The URL parser writes the address in its one shortest form.
  const shortest = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [left = '', right] = shortest.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = right === undefined ? before : [...before, ...zeros, ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
