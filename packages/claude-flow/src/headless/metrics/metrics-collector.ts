import { exposition, type Family, type Labels, labelText, metricName } from './exposition.ts';

export interface Metric {
  name: string;
  value: number;
  tags: Labels;
  /** Milliseconds since 1970. */
  timestamp: number;
}

interface Series {
  labels: Labels;
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** Values kept of one metric; sums and counts are of all. */
const KEPT = 1_000;
/** Series of one metric; more would be an id that slipped in. Those after it share one without labels. */
const MAX_SERIES = 200;

/** A name that tells single things apart never becomes a label: there would be a series for each. */
const isId = (name: string) => /(^|_)id$|Id$/.test(name);

/** Timers and values of a program's own. */
export class MetricsCollector {
  readonly #metrics = new Map<string, Metric[]>();
  readonly #series = new Map<string, Map<string, Series>>();
  readonly #timers = new Map<string, number>();

  startTimer(id: string): void {
    this.#timers.set(id, performance.now());
  }

  /** @returns milliseconds; 0 when no such timer runs */
  endTimer(id: string): number {
    const startedAt = this.#timers.get(id);
    if (startedAt === undefined) return 0;
    this.#timers.delete(id);
    return performance.now() - startedAt;
  }

  recordMetric(name: string, value: number, tags: Labels = {}): void {
    const kept = this.#metrics.get(name) ?? [];
    kept.push({ name, value, tags, timestamp: Date.now() });
    if (kept.length > KEPT) kept.shift();
    this.#metrics.set(name, kept);
    const series = this.#seriesOf(name, tags);
    series.sum += value;
    series.count += 1;
    series.min = Math.min(series.min, value);
    series.max = Math.max(series.max, value);
  }

  /** The newest 1,000 values, oldest first. */
  getMetrics(name: string): Metric[] {
    return [...(this.#metrics.get(name) ?? [])];
  }

  /** Per metric a summary (`_sum`, `_count`), and its `_avg`, `_min`, `_max` as gauges. Tags that are ids are left out. */
  exportPrometheusMetrics(): string {
    const families = [...this.#series].flatMap(([name, byLabels]): Family[] => {
      const all = [...byLabels.values()];
      const gauge = (suffix: string, what: string, value: (series: Series) => number): Family => ({
        name: `${metricName(name)}_${suffix}`,
        help: `${what} of ${name}`,
        type: 'gauge',
        samples: all.map((series) => ({ labels: series.labels, value: value(series) })),
      });
      return [
        {
          name,
          help: `Values of ${name}`,
          type: 'summary',
          samples: all.flatMap(({ labels, sum, count }) => [
            { suffix: '_sum', labels, value: sum } as const,
            { suffix: '_count', labels, value: count } as const,
          ]),
        },
        gauge('avg', 'Mean', ({ sum, count }) => sum / count),
        gauge('min', 'Least', ({ min }) => min),
        gauge('max', 'Greatest', ({ max }) => max),
      ];
    });
    return exposition(families);
  }

  reset(): void {
    this.#metrics.clear();
    this.#series.clear();
    this.#timers.clear();
  }

  #seriesOf(name: string, tags: Labels): Series {
    const byLabels = this.#series.get(name) ?? new Map<string, Series>();
    this.#series.set(name, byLabels);
    const wanted = Object.fromEntries(Object.entries(tags).filter(([label]) => !isId(label)));
    const labels = byLabels.has(labelText(wanted)) || byLabels.size < MAX_SERIES ? wanted : {};
    const key = labelText(labels);
    const known = byLabels.get(key);
    if (known !== undefined) return known;
    const fresh = { labels, sum: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    byLabels.set(key, fresh);
    return fresh;
  }
}
