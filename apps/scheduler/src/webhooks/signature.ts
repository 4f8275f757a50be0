import { createHmac } from 'node:crypto';

/**
 * The header that proves who sent a body, and when: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`.
 * @param at milliseconds since 1970
 */
export function signatureOf(secret: string, body: string, at: number): string {
  const t = Math.floor(at / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}
