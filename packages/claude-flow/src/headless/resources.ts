import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';

export interface ResourceSample {
  /** Milliseconds since 1970. */
  timestamp: number;
  /** Bytes. */
  memory: { rss: number; heapTotal: number; heapUsed: number; external: number };
  /** 0 to 1, of all cores, since the sample before. */
  cpu: number;
  /** Seconds. */
  uptime: number;
}

/** A threshold was passed. `value` is bytes for `memory`, and 0 to 1 of all cores for `cpu`. */
export interface ResourceAlert {
  type: 'memory' | 'cpu';
  level: 'warning';
  message: string;
  value: number;
}

/** Below this part of the threshold memory is well again. */
const RELIEF = 0.9;

/** Samples this process: `metrics` for each sample, `alert` when a threshold is passed, once until it is well again. */
export class ResourceMonitor extends EventEmitter {
  /** More memory is taken than the threshold allows. */
  memoryHigh = false;
  #cpuHigh = false;
  #timer: NodeJS.Timeout | undefined;
  #last = { cpu: process.cpuUsage(), at: performance.now() };
  readonly #limits: { memoryThreshold: number; cpuThreshold: number };
  readonly #everyMs: number;

  constructor(limits: { memoryThreshold: number; cpuThreshold: number }, everyMs = 5_000) {
    super();
    this.#limits = limits;
    this.#everyMs = timerMs(everyMs);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.check(), this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.memoryHigh = false;
  }

  check(sample: ResourceSample = this.#sample()): void {
    const { memoryThreshold, cpuThreshold } = this.#limits;
    const { rss } = sample.memory;
    if (rss > memoryThreshold && !this.memoryHigh) {
      this.memoryHigh = true;
      const message = `Memory: ${megabytes(rss)} MB are taken, more than the threshold of ${megabytes(memoryThreshold)} MB. No new swarm is taken until it falls.`;
      this.#alert({ type: 'memory', level: 'warning', message, value: rss });
    } else if (rss < memoryThreshold * RELIEF) this.memoryHigh = false;
    if (sample.cpu > cpuThreshold && !this.#cpuHigh) {
      const message = `CPU: ${Math.round(sample.cpu * 100)} % of all cores, above the threshold of ${Math.round(cpuThreshold * 100)} %.`;
      this.#alert({ type: 'cpu', level: 'warning', message, value: sample.cpu });
    }
    this.#cpuHigh = sample.cpu > cpuThreshold;
    this.emit('metrics', sample);
  }

  #alert(alert: ResourceAlert): void {
    this.emit('alert', alert);
  }

  #sample(): ResourceSample {
    const at = performance.now();
    const { user, system } = process.cpuUsage(this.#last.cpu);
    const wallMicros = (at - this.#last.at) * 1000 * availableParallelism();
    this.#last = { cpu: process.cpuUsage(), at };
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    return {
      timestamp: Date.now(),
      memory: { rss, heapTotal, heapUsed, external },
      cpu: wallMicros > 0 ? (user + system) / wallMicros : 0,
      uptime: process.uptime(),
    };
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
