import { taskId } from '@claude-flow/core/domain/ids';
import type { TaskSpec } from '@claude-flow/core/domain/task';

/** A graph as both engines can run it: layers, each task of a layer after all tasks of the layer before. */
export interface Graph {
  name: string;
  layers: number[];
}

export const DIAMOND: Graph = { name: 'diamond (1 -> 5 -> 1)', layers: [1, 5, 1] };
export const CHAIN: Graph = { name: 'chain (10)', layers: Array.from({ length: 10 }, () => 1) };
export const WIDE: Graph = { name: 'wide (1 -> 200 -> 1)', layers: [1, 200, 1] };

/** `tasks` tasks in layers of ten: for the cost per task as the graph grows. */
export function ladder(tasks: number): Graph {
  return { name: `${tasks} tasks in layers of 10`, layers: Array.from({ length: tasks / 10 }, () => 10) };
}

export function taskCount(graph: Graph): number {
  return graph.layers.reduce((sum, width) => sum + width, 0);
}

/** The graph as tasks of a swarm. Layers wider than one hang on all of the layer before only when that is one wide. */
export function toTasks(graph: Graph): TaskSpec[] {
  const specs: TaskSpec[] = [];
  let before: string[] = [];
  let sequence = 0;
  for (const width of graph.layers) {
    const layer: string[] = [];
    for (let place = 0; place < width; place += 1) {
      sequence += 1;
      const id = taskId(sequence);
      layer.push(id);
      specs.push({
        id,
        key: id,
        sequence,
        name: `Task ${sequence}`,
        description: 'Nothing to do but to be counted',
        type: 'custom',
        agentType: 'coder',
        priority: 2,
        // Ten to ten one by one, so that the number of edges grows with the tasks and not with their square.
        dependencies: width > 1 && before.length === width ? [before[place] ?? ''] : before,
        requirements: { capabilities: [], tools: [], permissions: ['read'] },
        onFailure: 'skip-dependents',
        timeoutMs: 60_000,
        maxRetries: 0,
      });
    }
    before = layer;
  }
  return specs;
}
