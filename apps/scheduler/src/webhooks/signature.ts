import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

const MILLISECONDS = 1000;

/** One try to deliver a message. */
export interface SignedMessage {
  /** The same for every try: the receiver tells a repeat by it. */
  id: string;
  body: string;
  /** Of this try, milliseconds since 1970. */
  at: number;
}

/**
 * The headers of Standard Webhooks, by which a receiver knows a repeated message, an old one, and a forged one.
 * @param secret `whsec_` and base64, or any other text, whose bytes then are the key; empty: no signature
 */
export function signedHeaders(secret: string, { id, body, at }: SignedMessage): Record<string, string> {
  const time = new Date(at);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / MILLISECONDS)),
  };
  if (secret === '') return headers;
  return {
    ...headers,
    'webhook-signature': keyed(secret).sign(id, time, body),
    'x-claude-flow-signature': formerSignature(secret, body, at),
  };
}

/** A swarm of an earlier release may have a secret that only looks like base64. */
function keyed(secret: string): Webhook {
  const coded = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret);
  return coded ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}

/**
 * Sent for one more release: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>`, the key being the secret's own
 * text.
 */
function formerSignature(secret: string, body: string, at: number): string {
  const t = Math.floor(at / MILLISECONDS);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}
