import { setTimeout as sleep } from 'node:timers/promises';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { timerMs } from '@claude-flow/core/runtime/timer-ms';
import { completeConfig, type ExecutionConfig } from './config.ts';

/** What this process runs on. */
export interface RuntimeEnvironment {
  runtime: 'node';
  version: string;
  platform: string;
  architecture: string;
}

/** What runs tasks: a worker in this process. */
interface TaskRunner {
  readonly running: number;
  drain(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs the tasks of a system: a worker inside this process that takes jobs from the queue. After `shutdown()` the system takes no
 * more tasks until it is given a new bridge; other workers are not affected. In the examples, `bridge` is one.
 * @example
 * await system.bridge.shutdown();
 * system.bridge = new ExecutionBridge({ maxConcurrentTasks: 4 });
 * await system.bridge.ready();
 */
export class ExecutionBridge {
  /** The configuration, completed by the defaults. Times are milliseconds. */
  readonly config: ExecutionConfig;
  /** What this process runs on. */
  readonly environment: RuntimeEnvironment = {
    runtime: 'node',
    version: process.version,
    platform: process.platform,
    architecture: process.arch,
  };
  #runner: Promise<TaskRunner> | undefined;
  #current: TaskRunner | undefined;
  #ended: Promise<void> | undefined;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /**
   * @throws ClaudeFlowError `config_invalid` for a runtime other than Node
   * @example
   * const bridge = new ExecutionBridge({ maxConcurrentTasks: 4, taskTimeout: 600_000 });
   */
  constructor(config: Partial<ExecutionConfig> = {}) {
    this.config = completeConfig({ bridge: config }).bridge;
    this.#free = this.config.maxConcurrentTasks;
    if (this.config.runtime !== 'node') {
      const message = `The runtime "${this.config.runtime}" is not possible: the engine needs Node. Use runtime: "node".`;
      throw new ClaudeFlowError('config_invalid', message);
    }
  }

  /** Number of tasks that this process is running. */
  get activeTasks(): number {
    return this.#current?.running ?? 0;
  }

  /** True while it takes tasks, or will in a moment. */
  get running(): boolean {
    return this.#runner !== undefined && this.#ended === undefined;
  }

  /**
   * Resolves when it takes tasks. @throws what kept it from starting
   * @example
   * await system.bridge.ready();
   */
  async ready(): Promise<void> {
    await this.#runner;
  }

  /**
   * Runs work of your own under the bridge's limits: at most `maxConcurrentTasks` at a time, each try cut off after `asyncTimeout`,
   * up to `maxRetries` further tries `retryDelay` apart (both in milliseconds).
   * @param work receives a signal that is aborted when its time is over
   * @throws the last error; a ClaudeFlowError `task_timeout` when the last try took too long
   * @example
   * const answer = await bridge.execute(async (signal) => {
   *   signal.throwIfAborted();
   *   return 6 * 7;
   * });
   */
  async execute<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      for (let tries = 0; ; tries += 1) {
        try {
          return await this.#within(work);
        } catch (error) {
          if (tries >= this.config.maxRetries) throw error;
          await sleep(timerMs(this.config.retryDelay));
        }
      }
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #within<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { asyncTimeout } = this.config;
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const cut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const message = `The work took longer than asyncTimeout (${asyncTimeout} ms).`;
        const error = new ClaudeFlowError('task_timeout', message, { retryable: true });
        late.abort(error);
        reject(error);
      }, timerMs(asyncTimeout));
    });
    try {
      return await Promise.race([work(late.signal), cut]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Takes no more tasks. Running ones stop after their present turn and are handed back. May be repeated.
   * @example
   * await bridge.shutdown();
   */
  shutdown(): Promise<void> {
    this.#ended ??= (async () => {
      const runner = await this.#runner?.catch(() => undefined);
      await runner?.drain();
      await runner?.close();
    })();
    return this.#ended;
  }

  /** @internal */
  connect(start: () => Promise<TaskRunner>): Promise<void> {
    if (this.#ended !== undefined) {
      throw new ClaudeFlowError('config_invalid', 'This bridge was shut down. Make a new ExecutionBridge.');
    }
    this.#runner ??= start().then((runner) => {
      this.#current = runner;
      return runner;
    });
    return this.ready();
  }
}
