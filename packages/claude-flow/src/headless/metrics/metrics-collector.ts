import { exposition, type Family, type Labels, labelText, metricName } from './exposition.ts';

/** One recorded value. */
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

/**
 * Timers and values of a program's own. In the examples, `metrics` is one.
 * @example
 * const metrics = new MetricsCollector();
 * metrics.recordMetric('cart_size', 3, { shop: 'north' });
 * console.log(metrics.exportPrometheusMetrics());
 */
export class MetricsCollector {
  readonly #metrics = new Map<string, Metric[]>();
  readonly #series = new Map<string, Map<string, Series>>();
  readonly #timers = new Map<string, number>();

  /**
   * Starts a timer, or restarts the one with this id.
   * @example
   * metrics.startTimer('import');
   * const ms = metrics.endTimer('import');
   */
  startTimer(id: string): void {
    this.#timers.set(id, performance.now());
  }

  /**
   * @returns milliseconds since `startTimer`; 0 when no such timer runs
   * @example
   * metrics.startTimer('import');
   * const ms = metrics.endTimer('import');
   */
  endTimer(id: string): number {
    const startedAt = this.#timers.get(id);
    if (startedAt === undefined) return 0;
    this.#timers.delete(id);
    return performance.now() - startedAt;
  }

  /**
   * Records a value. Tags become Prometheus labels, except those that are ids.
   * @example
   * metrics.recordMetric('import_duration_ms', 120, { source: 'csv' });
   */
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

  /**
   * The newest 1,000 values of a metric, oldest first.
   * @example
   * const values = metrics.getMetrics('import_duration_ms').map(({ value }) => value);
   */
  getMetrics(name: string): Metric[] {
    return [...(this.#metrics.get(name) ?? [])];
  }

  /**
   * All metrics as Prometheus text: for each a summary (`_sum`, `_count`), and `_avg`, `_min` and `_max` as gauges.
   * @example
   * console.log(metrics.exportPrometheusMetrics());
   */
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

  /**
   * Forgets all values and timers.
   * @example
   * metrics.reset();
   */
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
