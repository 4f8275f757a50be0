import { type CallerTask, callerTaskSchema } from '@claude-flow/core/contracts/caller-task';
import type { Steps } from '@claude-flow/core/domain/at-once';
import { findGraphFaults, type GraphNode, MAX_GRAPH_TASKS } from '@claude-flow/core/domain/task-graph';
import { inSlices } from '@claude-flow/core/runtime/in-slices';
import { z } from '@hono/zod-openapi';

/** More faults than anybody reads. The tasks after them are not looked at. */
const MAX_FAULTS = 100;

/** The form of one task, for the OpenAPI document. */
export const OWN_TASK = 'OwnTask';
export const ownTask = callerTaskSchema.describe('A task of a graph of your own').openapi(OWN_TASK);

interface NodeLike {
  key: string;
  dependencies: string[];
}
const isNodeLike = (value: unknown): value is NodeLike => {
  const node = value as Partial<NodeLike> | null;
  const { key, dependencies } = node ?? {};
  return (
    typeof key === 'string' &&
    Array.isArray(dependencies) &&
    // Anything else cannot always be written into a message.
    dependencies.every((each) => typeof each === 'string')
  );
};

type Issue = Parameters<z.core.$RefinementCtx['addIssue']>[0];

/**
 * Checks tasks one by one, and the graph as a whole, also when single tasks have faults.
 * @param fault called for each fault, `MAX_FAULTS` times at most; paths begin with the task's place
 */
function* checkTasks(given: readonly unknown[], fault: (issue: Issue) => void): Steps<CallerTask[]> {
  const tasks: CallerTask[] = [];
  const graph: GraphNode[] = [];
  let faults = 0;
  for (const [index, value] of given.entries()) {
    yield;
    const { success, data, error } = callerTaskSchema.safeParse(value);
    if (success) tasks.push(data);
    const node = success ? data : withDependencies(value);
    if (isNodeLike(node)) graph.push({ key: node.key, dependsOn: node.dependencies });
    for (const issue of error?.issues ?? []) {
      if (faults === MAX_FAULTS) return tasks;
      faults += 1;
      fault({ ...issue, path: [index, ...issue.path] } as Issue);
    }
  }
  if (graph.length < given.length || faults === MAX_FAULTS) return tasks;
  const found = yield* findGraphFaults(graph, { maxFaults: MAX_FAULTS - faults });
  for (const { index, field, message } of found) {
    const path = field === 'tasks' ? [] : [index, field === 'dependsOn' ? 'dependencies' : field];
    fault({ code: 'custom', path, message });
  }
  return tasks;
}

/** A task with faults of its own still has a place in the graph; dependencies that are left out are none. */
function withDependencies(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && !('dependencies' in value) ? { ...value, dependencies: [] } : value;
}

/** A caller's own graph. Asynchronous: use `safeParseAsync`. */
export const ownTasks = z
  .array(z.unknown())
  .max(MAX_GRAPH_TASKS, `tasks may have at most ${MAX_GRAPH_TASKS} entries.`)
  .transform((given, context) => inSlices(checkTasks(given, (issue) => context.addIssue(issue))))
  .openapi({
    type: 'array',
    items: { $ref: `#/components/schemas/${OWN_TASK}` },
    minItems: 1,
    maxItems: MAX_GRAPH_TASKS,
    description:
      'A task graph of your own. Dependencies are keys of other tasks. With it no model plans, and no closing task is added.',
  });
