import { taskView } from '@claude-flow/api/tasks/task-view';
import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { getResult, getTask } from '@claude-flow/core/store/task-reads';
import type { Engine } from './engine.ts';
import type { PluginHost } from './plugins.ts';

export interface HookCalls {
  call(event: SwarmEvent): void;
  /** Resolves when all that was begun has ended. */
  idle(): Promise<void>;
}

/** Calls plugins' hooks for events: one after the other within a swarm, swarms beside each other. */
export function createHookCalls(engine: Engine, hosts: ReadonlySet<PluginHost>): HookCalls {
  const { log, ledger } = engine.api.deps;
  const chains = new Map<string, Promise<void>>();

  const run = async (event: SwarmEvent) => {
    const listening = [...hosts].filter(({ hooks }) => hooks.get(event.type)?.length);
    if (listening.length === 0) return;
    const args = await argumentsOf(event);
    for (const host of listening) await host.executeHook(event.type, ...args);
  };

  const argumentsOf = async ({ type, swarmId, taskId, agentId, data }: SwarmEvent): Promise<unknown[]> => {
    if (type === 'swarm.created') return [swarmId, data['objective']];
    if (type === 'task.completed' && taskId !== undefined) {
      const [task, result] = await Promise.all([
        getTask(ledger, swarmId, taskId),
        getResult(ledger, swarmId, taskId),
      ]);
      return [swarmId, taskId, task === undefined ? data : taskView(swarmId, task, result).result];
    }
    if (type.startsWith('task.')) return [swarmId, taskId, data];
    if (type.startsWith('agent.')) return [swarmId, agentId, data];
    return [swarmId, data];
  };

  return {
    call(event) {
      const { swarmId } = event;
      const chain = (chains.get(swarmId) ?? Promise.resolve())
        .then(() => run(event))
        .catch((error: unknown) =>
          log.warn({ err: error, swarmId }, 'A plugin could not be told of an event'),
        )
        .finally(() => {
          if (chains.get(swarmId) === chain) chains.delete(swarmId);
        });
      chains.set(swarmId, chain);
    },
    async idle() {
      while (chains.size > 0) await Promise.allSettled(chains.values());
    },
  };
}
