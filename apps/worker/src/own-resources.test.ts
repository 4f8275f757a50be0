import { expect, test } from 'vitest';
import { startMeasuring } from './own-resources.ts';

test('memory in bytes, processors in cores: a busy loop keeps some of one busy, and never more than there are', () => {
  const measure = startMeasuring();
  const end = performance.now() + 60;
  let work = 0;
  while (performance.now() < end) work += Math.sqrt(work + 1);
  const { memoryBytes, cpu } = measure();
  expect(memoryBytes).toBeGreaterThan(10_000_000);
  expect(memoryBytes).toBeLessThan(process.memoryUsage().rss * 2);
  expect(cpu).toBeGreaterThan(0);
  expect(measure().cpu ?? 0).not.toBeNaN();
});
