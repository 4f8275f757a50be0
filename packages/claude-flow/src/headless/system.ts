import { EventEmitter } from 'node:events';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { ApiKeyManager } from './auth/api-key-manager.ts';
import { knownByManager } from './auth/known-by-manager.ts';
import { ExecutionBridge } from './bridge.ts';
import { createHookCalls, type HookCalls } from './call-hooks.ts';
import { completeConfig, type HeadlessConfig, type PartialConfig } from './config.ts';
import { withoutEffect } from './config-notes.ts';
import { HeadlessCoordinator } from './coordinator.ts';
import type { Engine } from './engine.ts';
import { type EngineEvents, followEngine } from './engine-events.ts';
import { createFront } from './front.ts';
import { createHttpCalls } from './http-calls.ts';
import { mayWrite } from './may-write.ts';
import { createOwnRoutes, type OwnRoutes } from './own-routes.ts';
import { type PluginHost, PluginManager } from './plugins.ts';
import { type ResourceAlert, ResourceMonitor } from './resources.ts';
import { type RunningEngine, startEngine } from './start-engine.ts';
import { configFaults } from './validate-config.ts';

/** What a system takes besides its configuration. All fields are optional. */
export interface SystemOptions {
  /** Makes the coordinator; default: a plain HeadlessCoordinator. `system.coordinator = ...` does the same. */
  coordinator?: (config: HeadlessConfig, bridge: ExecutionBridge) => HeadlessCoordinator;
  plugins?: PluginManager;
  /** Default: REDIS_URL, else a private Redis that ends with the system. */
  redisUrl?: string;
  /** Instead of `process.env`: keys and addresses that the configuration does not hold. */
  env?: Record<string, string | undefined>;
}

/** The HTTP API of a system. */
export interface ApiServer {
  /** Routes of one's own: `system.apiServer.app.get('/hello', (req, res) => res.json({ hello: 'you' }))`. */
  readonly app: OwnRoutes;
  /** Undefined while the system does not run. */
  readonly port: number | undefined;
  readonly url: string | undefined;
}

interface Running {
  engine: RunningEngine;
  faces: Engine;
  events: EngineEvents;
  hooks: HookCalls;
}

/**
 * The whole product in one process: API, scheduler and worker, with a private Redis unless one is given. Emits `started`,
 * `stopped` and `alert` (a ResourceAlert). It needs `ANTHROPIC_API_KEY`, or `ANTHROPIC_BASE_URL`. In the examples, `system` is a
 * running one.
 * @example
 * const own = new HeadlessSystem({ api: { port: 0 } });
 * await own.start();
 * const { swarmId } = await own.coordinator.createSwarm({ objective: 'Build a small calculator', autoStart: true });
 * const { results } = await own.coordinator.waitForCompletion(swarmId);
 * await own.stop();
 */
export class HeadlessSystem extends EventEmitter {
  /** The configuration, completed by the defaults. */
  readonly config: HeadlessConfig;
  /** Plugins whose hooks are called for events. */
  readonly plugins: PluginManager;
  /** Keys that this system's API accepts besides those of the configuration, and tokens. */
  readonly auth: ApiKeyManager;
  /** The HTTP API: its address, and routes of your own. */
  readonly apiServer: ApiServer;
  readonly #options: SystemOptions;
  readonly #calls = createHttpCalls();
  readonly #ownRoutes = createOwnRoutes();
  readonly #monitor: ResourceMonitor;
  readonly #hosts: Set<PluginHost>;
  #coordinator: HeadlessCoordinator;
  #bridge: ExecutionBridge;
  #starting: Promise<Running> | undefined;
  #running: Running | undefined;
  #paused = false;

  /**
   * Nothing starts yet, and faults of the configuration are reported by `start()`.
   * @example
   * const next = new HeadlessSystem({ api: { port: 0 }, coordinator: { maxSwarms: 10 } }, { plugins: new PluginManager() });
   */
  constructor(config: PartialConfig = {}, options: SystemOptions = {}) {
    super();
    this.config = completeConfig(config);
    this.#options = options;
    this.plugins = options.plugins ?? new PluginManager();
    this.#hosts = new Set([this.plugins]);
    this.auth = new ApiKeyManager({
      jwtSecret: this.config.api.authentication.jwtSecret,
      rateLimit: this.config.api.rateLimit,
    });
    this.#bridge = new ExecutionBridge(this.config.bridge);
    this.#coordinator =
      options.coordinator?.(this.config, this.#bridge) ??
      new HeadlessCoordinator(this.config.coordinator, this.#bridge);
    this.#monitor = new ResourceMonitor(this.config.coordinator);
    this.#monitor.on('alert', (alert: ResourceAlert) => {
      this.#running?.engine.warn(alert.message);
      this.emit('alert', alert);
    });
    const port = () => this.#running?.engine.api.port;
    const url = () => this.#running?.engine.api.url;
    this.apiServer = {
      app: this.#ownRoutes.routes,
      get port() {
        return port();
      },
      get url() {
        return url();
      },
    };
  }

  /** Creates and controls swarms. May be replaced, also while the system runs. */
  get coordinator(): HeadlessCoordinator {
    return this.#coordinator;
  }

  /** From now on requests and tasks go through this one. */
  set coordinator(next: HeadlessCoordinator) {
    if (next !== this.#coordinator) this.#coordinator.connect(undefined);
    this.#coordinator = next;
    next.connect(this.#running?.faces);
  }

  /** Runs the tasks. May be replaced, also while the system runs. */
  get bridge(): ExecutionBridge {
    return this.#bridge;
  }

  /** The one before is shut down; in a running system this one begins to take tasks. */
  set bridge(next: ExecutionBridge) {
    const before = this.#bridge;
    this.#bridge = next;
    const running = this.#running;
    if (running === undefined || next === before) return;
    const swap = before.shutdown().then(() => this.#connectBridge(running));
    swap.catch((error: unknown) => running.engine.warn(`The new bridge does not run: ${String(error)}`));
  }

  /** True from the end of `start()` until `stop()`. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Address of the API; undefined while the system does not run. */
  get url(): string | undefined {
    return this.apiServer.url;
  }

  /**
   * Adds a plugin manager whose hooks are called too. @returns the system
   * @example
   * system.use(new PluginManager());
   */
  use(plugins: PluginHost): this {
    this.#hosts.add(plugins);
    return this;
  }

  /**
   * Starts everything, and resolves when the API serves requests and tasks are taken. May be repeated.
   * @throws ClaudeFlowError `config_invalid` with all faults, `port_taken`, or `redis_unavailable`; nothing is left running then
   * @example
   * await system.start();
   * console.log(system.url);
   */
  async start(): Promise<this> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await this.#starting;
    return this;
  }

  /**
   * Stops everything. The API reports "not ready" and serves on for SHUTDOWN_DELAY (milliseconds); running agents hand their tasks
   * back. May be repeated, and the system may be started again.
   * @example
   * const own = await new HeadlessSystem({ api: { port: 0 } }).start();
   * await own.stop();
   */
  async stop(): Promise<void> {
    const running = await this.#starting?.catch(() => undefined);
    if (running === undefined || this.#running === undefined) return;
    this.#running = undefined;
    this.#starting = undefined;
    await this.#end(running);
    this.emit('stopped');
  }

  /**
   * Refuses new swarms (503 over HTTP) until `resumeOperations()`. Running ones continue.
   * @example
   * system.pauseNewOperations();
   * system.resumeOperations();
   */
  pauseNewOperations(): void {
    this.#paused = true;
  }

  /**
   * Accepts new swarms again.
   * @example
   * system.pauseNewOperations();
   * system.resumeOperations();
   */
  resumeOperations(): void {
    this.#paused = false;
  }

  #closed(): string | undefined {
    if (this.#paused) return 'New swarms are not taken at the moment: operations are paused.';
    return this.#monitor.memoryHigh ? 'New swarms are not taken at the moment: memory is short.' : undefined;
  }

  async #start(): Promise<Running> {
    const env = this.#options.env ?? process.env;
    const faults = configFaults(this.config, env);
    if (faults.length > 0) {
      const lines = faults.map((fault) => `  ${fault}`).join('\n');
      throw new ClaudeFlowError('config_invalid', `The configuration is not usable:\n${lines}`);
    }
    const front = createFront({
      calls: this.#calls,
      coordinator: () => this.#coordinator,
      mayWrite: (principal, swarmId) => mayWrite(engine, principal, swarmId),
      answer: this.#ownRoutes.answer,
      metricsOn: this.config.environment.enableMetrics,
      measurements: () => engine.measurements(),
      closed: () => this.#closed(),
    });
    const { config } = this;
    const host = { front, ...knownByManager(this.auth) };
    const engine: RunningEngine = await startEngine({ config, env, redisUrl: this.#options.redisUrl, host });
    const faces: Engine = {
      api: engine.api,
      calls: this.#calls,
      admit: () => {
        const sentence = this.#closed();
        if (sentence !== undefined)
          throw new ClaudeFlowError('limit_exceeded', sentence, { retryable: true });
      },
    };
    try {
      for (const sentence of withoutEffect(config)) engine.warn(sentence);
      const hooks = createHookCalls(faces, this.#hosts);
      this.#coordinator.connect(faces);
      for (const host of this.#hosts) await host.tellAll?.('onStart', this);
      const events = await followEngine(faces, (event) => {
        this.#coordinator.emit(event.type, event);
        hooks.call(event);
      });
      const running: Running = { engine, faces, events, hooks };
      // A system that was stopped and is started again needs a bridge that was not.
      if (!this.#bridge.running) this.#bridge = new ExecutionBridge(this.#bridge.config);
      await this.#connectBridge(running);
      if (config.coordinator.enableResourceMonitoring) this.#monitor.start();
      this.#running = running;
      this.emit('started');
      return running;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  #connectBridge({ engine }: Running): Promise<void> {
    const bridge = this.#bridge;
    return bridge.connect(() =>
      engine.startWorker(bridge.config, (which, run) => this.#coordinator.deliver(which, run)),
    );
  }

  async #end({ engine, events, hooks }: Running): Promise<void> {
    this.#monitor.stop();
    // Balancers and workers need their time; one need not wait for the other.
    await Promise.all([engine.api.drain(), this.#bridge.shutdown()]);
    events.stop();
    await hooks.idle();
    for (const host of this.#hosts) await host.tellAll?.('onStop');
    this.#coordinator.connect(undefined);
    await engine.stop();
  }
}
