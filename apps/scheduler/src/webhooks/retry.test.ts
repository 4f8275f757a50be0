import type { WebhookSighting } from '@claude-flow/core/store/webhooks';
import { expect, test } from 'vitest';
import { nextTry, RETRY_PLAN } from './retry.ts';
import { signedHeaders } from './signature.ts';
import { judgeWebhook } from './webhook-loop.ts';

const delays = (random: number) =>
  Array.from({ length: RETRY_PLAN.mostAttempts }, (_, i) => nextTry(RETRY_PLAN, i + 1, 0, random));

test('pauses double up to an hour, half of each by chance, and end', () => {
  expect(delays(1).slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(delays(0).slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
  expect(Math.max(...delays(1).map((ms) => ms ?? 0))).toBe(3_600_000);
  expect(delays(1).at(-1)).toBeUndefined();
  const hours = delays(1).reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 3_600_000;
  expect(hours).toBeGreaterThan(3);
  expect(hours).toBeLessThan(5);
  expect(nextTry(RETRY_PLAN, 2, RETRY_PLAN.mostTimeMs, 0.5)).toBeUndefined();
});

test('the signature, once by hand', () => {
  // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac s3cret
  const digest = '1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940';
  const headers = signedHeaders('s3cret', { id: 'm', body: '{"a":1}', at: 1_700_000_000_999 });
  expect(headers['x-claude-flow-signature']).toBe(`t=1700000000,v1=${digest}`);
});

const seen: WebhookSighting = {
  swarmId: 'swarm_x',
  score: 1_000,
  status: 'executing',
  lastEvent: 9,
  state: 'active',
  seq: 9,
  attempts: 0,
  dueAt: 0,
  leaseUntil: 0,
  events: [],
};

test.each([
  ['all delivered, more may come', seen, 'healthy'],
  ['all delivered, and it has ended', { ...seen, status: 'failed' }, 'over'],
  ['something to deliver', { ...seen, seq: 3 }, 'behind'],
  ['somebody is at it', { ...seen, seq: 3, leaseUntil: 60_001 }, 'healthy'],
  ['not due yet', { ...seen, seq: 3, dueAt: 60_001 }, 'healthy'],
  ['given up', { ...seen, seq: 3, state: 'given-up' }, 'over'],
] satisfies [string, WebhookSighting, string][])('%s: %s', (_what, sighting, verdict) => {
  expect(judgeWebhook(sighting, 60_000)).toBe(verdict);
});

test('an entry without a swarm goes away after a minute', () => {
  const { status: _gone, ...ghost } = seen;
  expect(judgeWebhook(ghost, 60_999)).toBe('healthy');
  expect(judgeWebhook(ghost, 61_000)).toBe('over');
});
