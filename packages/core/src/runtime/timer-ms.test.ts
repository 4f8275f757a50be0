import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timerMs } from './timer-ms.ts';

const LONGEST = 2 ** 31 - 1;

test('whatever a caller asks for, a timer can wait it, and long is not at once', () => {
  fc.assert(
    fc.property(fc.double(), (ms) => {
      const waited = timerMs(ms);
      expect(waited).toBeGreaterThanOrEqual(0);
      expect(waited).toBeLessThanOrEqual(LONGEST);
      if (ms >= 0 && ms <= LONGEST) expect(waited === ms).toBe(true);
      if (ms > LONGEST || Number.isNaN(ms)) expect(waited).toBe(LONGEST);
    }),
  );
});
