import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

test('who is on this machine', () => {
  for (const ours of ['127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1', 'LOCALHOST'])
    expect(isLoopback(ours)).toBe(true);
  for (const other of ['10.0.0.1', '::ffff:10.0.0.1', '0.0.0.0', '::', 'fe80::1', 'localhost.x', ''])
    expect(isLoopback(other)).toBe(false);
});
