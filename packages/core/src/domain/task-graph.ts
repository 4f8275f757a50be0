import { atOnce, type Steps } from './at-once.ts';

/** A node of a task graph as a plan or a caller wrote it: dependencies are keys of other nodes. */
export interface GraphNode {
  key: string;
  dependsOn: readonly string[];
}

export interface GraphFault {
  /** Position in the list, for an error's field path. */
  index: number;
  field: 'key' | 'dependsOn' | 'tasks';
  message: string;
}

/** More tasks than this in one graph are refused. */
export const MAX_GRAPH_TASKS = 10_000;

/** Faults of a graph, all at once: duplicate keys, unknown dependencies, self-dependencies, cycles, size. */
export function graphFaults(nodes: readonly GraphNode[], maxTasks = MAX_GRAPH_TASKS): GraphFault[] {
  return atOnce(findGraphFaults(nodes, { maxTasks }));
}

/** The same, a step at a time. @param limits.maxFaults more are not looked for */
export function* findGraphFaults(
  nodes: readonly GraphNode[],
  limits: { maxTasks?: number; maxFaults?: number } = {},
): Steps<GraphFault[]> {
  const { maxTasks = MAX_GRAPH_TASKS, maxFaults = Number.POSITIVE_INFINITY } = limits;
  if (nodes.length === 0) return [{ index: 0, field: 'tasks', message: 'The graph has no task.' }];
  if (nodes.length > maxTasks) {
    const message = `The graph has ${nodes.length} tasks; at most ${maxTasks} are allowed.`;
    return [{ index: 0, field: 'tasks', message }];
  }
  const faults: GraphFault[] = [];
  const keys = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    if (keys.has(node.key))
      faults.push({ index, field: 'key', message: `Duplicate task key "${node.key}".` });
    keys.add(node.key);
    if (faults.length >= maxFaults) return faults;
  }
  for (const [index, node] of nodes.entries()) {
    yield;
    for (const dependency of node.dependsOn) {
      if (dependency === node.key) {
        faults.push({ index, field: 'dependsOn', message: `Task "${node.key}" depends on itself.` });
      } else if (!keys.has(dependency)) {
        const message = `Task "${node.key}" depends on "${dependency}", which is not in the graph.`;
        faults.push({ index, field: 'dependsOn', message });
      }
      if (faults.length >= maxFaults) return faults;
    }
  }
  if (faults.length > 0) return faults;
  const stuck = yield* unsortable(nodes);
  if (stuck.length > 0) {
    const shown = stuck.slice(0, 10).map((node) => `"${node.key}"`);
    const index = nodes.indexOf(stuck[0] as GraphNode);
    const message = `These tasks wait for each other in a circle: ${shown.join(', ')}.`;
    faults.push({ index, field: 'dependsOn', message });
  }
  return faults;
}

/** Nodes left over when every node without open dependencies has been taken away, again and again. */
function* unsortable(nodes: readonly GraphNode[]): Steps<readonly GraphNode[]> {
  const open = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const node of nodes) {
    yield;
    const dependencies = new Set(node.dependsOn);
    open.set(node.key, dependencies.size);
    for (const dependency of dependencies) {
      const list = dependents.get(dependency);
      if (list === undefined) dependents.set(dependency, [node.key]);
      else list.push(node.key);
    }
  }
  const free = [...open].filter(([, count]) => count === 0).map(([key]) => key);
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    yield;
    open.delete(key);
    for (const dependent of dependents.get(key) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return nodes.filter((node) => open.has(node.key));
}

/** Keys that no other node depends on: what a closing task has to wait for. */
export function leafKeys(nodes: readonly GraphNode[]): string[] {
  const needed = new Set(nodes.flatMap((node) => [...node.dependsOn]));
  return nodes.map((node) => node.key).filter((key) => !needed.has(key));
}
