import { expect, it } from 'vitest';
import { type ResourceAlert, ResourceMonitor, type ResourceSample } from './resources.ts';

const MB = 1024 * 1024;
const sample = (rss: number, cpu = 0): ResourceSample => ({
  timestamp: 0,
  memory: { rss, heapTotal: 0, heapUsed: 0, external: 0 },
  cpu,
  uptime: 0,
});

it('alerts once when a threshold is passed, and again after it was well', () => {
  const monitor = new ResourceMonitor({ memoryThreshold: 100 * MB, cpuThreshold: 0.8 });
  const alerts: ResourceAlert[] = [];
  monitor.on('alert', (alert: ResourceAlert) => alerts.push(alert));
  monitor.check(sample(99 * MB, 0.8));
  expect(alerts).toEqual([]);
  monitor.check(sample(101 * MB));
  monitor.check(sample(102 * MB));
  expect(monitor.memoryHigh).toBe(true);
  expect(alerts.map(({ type }) => type)).toEqual(['memory']);
  // A little less is not yet well.
  monitor.check(sample(95 * MB));
  expect(monitor.memoryHigh).toBe(true);
  monitor.check(sample(80 * MB));
  expect(monitor.memoryHigh).toBe(false);
  monitor.check(sample(101 * MB, 0.9));
  expect(alerts.map(({ type }) => type)).toEqual(['memory', 'memory', 'cpu']);
  expect(alerts.at(-1)?.message).toContain('90 %');
});

it('measures this process', () => {
  const monitor = new ResourceMonitor({ memoryThreshold: 1, cpuThreshold: 1 });
  const samples: ResourceSample[] = [];
  monitor.on('metrics', (one: ResourceSample) => samples.push(one));
  monitor.check();
  expect(samples[0]?.memory.rss).toBeGreaterThan(10 * MB);
  expect(samples[0]?.cpu).toBeGreaterThanOrEqual(0);
});
