import { DELIVERY_GRACE_MS, PLAN_REQUEST_GRACE_MS } from '@claude-flow/core/domain/stale';
import { SWEEP_EVERY_MS, SWEEP_LOCK_MS } from '@claude-flow/core/runtime/tunables';
import { expect, test } from 'vitest';

test('what was handed out on a connection that broke is missed soon enough to go on within five seconds', () => {
  // A sweep's lock that its dead holder left runs out meanwhile; more than a second stays for the next delivery.
  const noticedMs = (graceMs: number) => Math.max(graceMs, SWEEP_LOCK_MS) + SWEEP_EVERY_MS;
  expect(noticedMs(DELIVERY_GRACE_MS)).toBeLessThanOrEqual(3_500);
  expect(noticedMs(PLAN_REQUEST_GRACE_MS)).toBeLessThanOrEqual(3_500);
});
