import { errorText } from '@claude-flow/core/runtime/error-record';

/** A hook's arguments: see `PluginManager`. */
/** A hook; its arguments are listed at `PluginManager`. */
// biome-ignore lint/suspicious/noExplicitAny: each hook has arguments of its own
export type PluginHook = (...args: any[]) => unknown;

/** Hooks by name, and what to do when a system starts and stops. */
export interface Plugin {
  name?: string;
  hooks?: Readonly<Record<string, PluginHook>>;
  /** Called when a system starts, before its first hook, and when it has stopped. */
  onStart?(system: unknown): unknown;
  onStop?(): unknown;
}

/** What a system needs of a plugin manager; one of the program's own will do. */
export interface PluginHost {
  readonly hooks: ReadonlyMap<string, readonly unknown[]>;
  executeHook(hookName: string, ...args: unknown[]): Promise<void>;
  tellAll?(moment: 'onStart' | 'onStop', system?: unknown): Promise<void>;
}

/**
 * Plugins with hooks by name. Given to a HeadlessSystem, hooks that are named like event types are called for every event of every
 * swarm, in order within a swarm:
 * `swarm.created` (swarmId, objective) · `task.completed` (swarmId, taskId, result) · other `task.*` (swarmId, taskId, data) ·
 * `agent.*` (swarmId, agentId, data) · other (swarmId, data). An error in a hook is logged and has no other effect. In the
 * examples, `plugins` is a PluginManager.
 * @example
 * const plugins = new PluginManager();
 * plugins.registerPlugin('log', { hooks: { 'swarm.created': (swarmId, objective) => console.log(swarmId, objective) } });
 * system.use(plugins);
 */
export class PluginManager implements PluginHost {
  /** The registered plugins by name. */
  readonly plugins: Map<string, Plugin> = new Map();
  /** The handlers of each hook, in the order of registration. */
  readonly hooks: Map<string, PluginHook[]> = new Map();

  /**
   * Adds a plugin; one of the same name is replaced.
   * @example
   * plugins.registerPlugin('count', { hooks: { 'task.completed': () => console.count('tasks') } });
   */
  registerPlugin(name: string, plugin: Plugin): void {
    this.unregisterPlugin(name);
    this.plugins.set(name, plugin);
    for (const [hook, handler] of Object.entries(plugin.hooks ?? {})) {
      this.hooks.set(hook, [...(this.hooks.get(hook) ?? []), handler]);
    }
  }

  /**
   * @returns whether there was a plugin of this name
   * @example
   * const removed = plugins.unregisterPlugin('count');
   */
  unregisterPlugin(name: string): boolean {
    const plugin = this.plugins.get(name);
    for (const [hook, handler] of Object.entries(plugin?.hooks ?? {})) {
      const handlers = this.hooks.get(hook) ?? [];
      const at = handlers.indexOf(handler);
      if (at !== -1) this.hooks.set(hook, handlers.toSpliced(at, 1));
    }
    return this.plugins.delete(name);
  }

  /**
   * Calls the handlers of a hook one after the other. Their errors are logged and not thrown.
   * @example
   * await plugins.executeHook('order.paid', { id: 1 });
   */
  async executeHook(hookName: string, ...args: unknown[]): Promise<void> {
    for (const handler of this.hooks.get(hookName) ?? []) {
      try {
        await handler(...args);
      } catch (error) {
        console.error(`Plugin hook error (${hookName}): ${errorText(error)}`);
      }
    }
  }

  /**
   * Calls `onStart` or `onStop` of all plugins. Their errors are logged and not thrown.
   * @example
   * await plugins.tellAll('onStart', system);
   */
  async tellAll(moment: 'onStart' | 'onStop', system?: unknown): Promise<void> {
    for (const [name, plugin] of this.plugins) {
      try {
        await plugin[moment]?.(system);
      } catch (error) {
        console.error(`Plugin error (${name}, ${moment}): ${errorText(error)}`);
      }
    }
  }
}
