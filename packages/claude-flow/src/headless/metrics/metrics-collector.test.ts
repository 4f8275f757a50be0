import { describe, expect, it } from 'vitest';
import { MetricsCollector } from './metrics-collector.ts';

/** Reads the text format strictly: each family once, its rows beneath it, no sample twice. */
function parse(text: string): Map<string, { type: string; samples: Map<string, number> }> {
  const families = new Map<string, { type: string; samples: Map<string, number> }>();
  let current = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) .+$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|summary)$/.exec(line);
    if (help?.[1] !== undefined) {
      expect(families.has(help[1])).toBe(false);
      current = help[1];
      families.set(current, { type: '', samples: new Map() });
      continue;
    }
    const family = families.get(current);
    if (type?.[2] !== undefined && family !== undefined) {
      expect(type[1]).toBe(current);
      expect(family.type).toBe('');
      family.type = type[2];
      continue;
    }
    const sample =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (\S+)$/.exec(
        line,
      );
    expect(sample, line).not.toBeNull();
    const [, name = '', value] = sample ?? [];
    const base = family?.type === 'summary' ? name.replace(/_(sum|count)(?=\{|$)/, '') : name;
    expect(base.split('{')[0]).toBe(current);
    expect(family?.samples.has(name)).toBe(false);
    family?.samples.set(name, Number(value));
  }
  return families;
}

describe('MetricsCollector', () => {
  it('measures time, and gives 0 for a timer that does not run', async () => {
    const collector = new MetricsCollector();
    collector.startTimer('one');
    expect(collector.endTimer('one')).toBeGreaterThanOrEqual(0);
    expect(collector.endTimer('one')).toBe(0);
  });

  it('keeps values with their tags, the newest thousand', () => {
    const collector = new MetricsCollector();
    for (let value = 1; value <= 1_001; value += 1) collector.recordMetric('m', value, { strategy: 'auto' });
    const kept = collector.getMetrics('m');
    expect(kept).toHaveLength(1_000);
    expect(kept[0]).toMatchObject({ name: 'm', value: 2, tags: { strategy: 'auto' } });
    expect(collector.getMetrics('other')).toEqual([]);
    // Sums are of all, also of what is no longer kept.
    expect(collector.exportPrometheusMetrics()).toContain('m_count{strategy="auto"} 1001\n');
  });

  it('exports what Prometheus reads: no id as a label, names and texts escaped', () => {
    const collector = new MetricsCollector();
    for (const value of [1, 2, 6])
      collector.recordMetric('task duration', value, { taskId: `t${value}`, type: 'a"b\\c\nd' });
    collector.recordMetric('errors', 1, { error: 'x' });
    collector.recordMetric('errors', 1);
    const families = parse(collector.exportPrometheusMetrics());
    expect([...families.keys()]).toEqual([
      'task_duration',
      'task_duration_avg',
      'task_duration_min',
      'task_duration_max',
      'errors',
      'errors_avg',
      'errors_min',
      'errors_max',
    ]);
    const labels = '{type="a\\"b\\\\c\\nd"}';
    expect(families.get('task_duration')?.samples).toEqual(
      new Map([
        [`task_duration_sum${labels}`, 9],
        [`task_duration_count${labels}`, 3],
      ]),
    );
    expect(families.get('task_duration_avg')?.samples.get(`task_duration_avg${labels}`)).toBe(3);
    expect(families.get('errors')?.samples.size).toBe(4);
  });

  it('does not grow without bounds when something tells single things apart after all', () => {
    const collector = new MetricsCollector();
    for (let n = 0; n < 1_000; n += 1) collector.recordMetric('m', 1, { who: `user-${n}` });
    const family = parse(collector.exportPrometheusMetrics()).get('m');
    expect(family?.samples.size).toBeLessThanOrEqual(2 * 201);
    expect(family?.samples.get('m_count')).toBe(800);
    expect(new MetricsCollector().exportPrometheusMetrics()).toBe('');
  });
});
