import { errorText } from '@claude-flow/core/runtime/error-record';

/** A hook's arguments: see `PluginManager`. */
// biome-ignore lint/suspicious/noExplicitAny: each hook has arguments of its own
export type PluginHook = (...args: any[]) => unknown;

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
 * Plugins with hooks by name. Given to a HeadlessSystem, hooks named like event types are called for every event of every
 * swarm, in order within a swarm:
 * `swarm.created` (swarmId, objective) · `task.completed` (swarmId, taskId, result) · other `task.*` (swarmId, taskId, data) ·
 * `agent.*` (swarmId, agentId, data) · other (swarmId, data). A hook that throws harms nobody.
 */
export class PluginManager implements PluginHost {
  readonly plugins: Map<string, Plugin> = new Map();
  readonly hooks: Map<string, PluginHook[]> = new Map();

  /** A plugin of the same name is replaced. */
  registerPlugin(name: string, plugin: Plugin): void {
    this.unregisterPlugin(name);
    this.plugins.set(name, plugin);
    for (const [hook, handler] of Object.entries(plugin.hooks ?? {})) {
      this.hooks.set(hook, [...(this.hooks.get(hook) ?? []), handler]);
    }
  }

  /** @returns whether there was one */
  unregisterPlugin(name: string): boolean {
    const plugin = this.plugins.get(name);
    for (const [hook, handler] of Object.entries(plugin?.hooks ?? {})) {
      const handlers = this.hooks.get(hook) ?? [];
      const at = handlers.indexOf(handler);
      if (at !== -1) this.hooks.set(hook, handlers.toSpliced(at, 1));
    }
    return this.plugins.delete(name);
  }

  /** Calls the hook's handlers one after the other. What they throw is reported and goes no further. */
  async executeHook(hookName: string, ...args: unknown[]): Promise<void> {
    for (const handler of this.hooks.get(hookName) ?? []) {
      try {
        await handler(...args);
      } catch (error) {
        console.error(`Plugin hook error (${hookName}): ${errorText(error)}`);
      }
    }
  }

  /** Calls `onStart` or `onStop` of all plugins. What they throw is reported and goes no further. */
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
