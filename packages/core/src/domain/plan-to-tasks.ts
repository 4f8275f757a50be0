import { atOnce, type Steps } from './at-once.ts';
import { defaultPermissions } from './default-permissions.ts';
import { taskId } from './ids.ts';
import { oneLine } from './one-line.ts';
import type { FailurePolicy } from './states.ts';
import type { TaskRequirements, TaskSpec } from './task.ts';
import { type GraphNode, leafKeys } from './task-graph.ts';
import {
  type AgentType,
  type Permission,
  type PriorityName,
  priorityNumber,
  type TaskType,
} from './vocabulary.ts';

/** A task of a checked graph (`graphFaults` found nothing), before it has an id. */
export interface DraftTask extends GraphNode {
  name: string;
  description: string;
  type: TaskType;
  agentType: AgentType;
  priority: PriorityName;
  expectedOutput?: string | undefined;
  /** Permissions left out: those of `defaultPermissions`. */
  requirements?: DraftRequirements | undefined;
  onFailure?: FailurePolicy | undefined;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
}

export type DraftRequirements = Omit<TaskRequirements, 'permissions'> & {
  permissions?: Permission[] | undefined;
};

/** What a task gets that says nothing of its own. */
export interface TaskDefaults {
  /** Milliseconds one attempt may take. */
  timeoutMs: number;
  maxRetries: number;
}

/** A caller's own task: `CallerTask` of `contracts/caller-task.ts`. */
export interface CallerDraft extends Omit<DraftTask, 'dependsOn' | 'timeoutMs'> {
  dependencies: readonly string[];
  /** Milliseconds. */
  timeout?: number | undefined;
}

const SYNTHESIS = {
  key: 'synthesis',
  name: 'Synthesis',
  description:
    'Bring the work of all tasks together. Read their results and files, check that they fit each other and the objective, ' +
    'mend small gaps and contradictions, and write README.md: what was made for the objective, where everything lies, how to ' +
    'use it, what was decided and why, and what is still open.',
  expectedOutput: 'README.md: the final report, which leads a newcomer to everything that was made.',
} as const;

/**
 * Gives a checked graph its ids: `task_001` and on, in the order given, moved only as far as needed for dependencies to
 * come before their dependants.
 * @param nodes without faults; a graph with a circle throws
 */
export function planToTasks(nodes: readonly DraftTask[], defaults: TaskDefaults): TaskSpec[] {
  return atOnce(makeTasks(nodes, defaults));
}

function* makeTasks(nodes: readonly DraftTask[], defaults: TaskDefaults): Steps<TaskSpec[]> {
  const ordered = yield* inDependencyOrder(nodes);
  const ids = new Map(ordered.map((node, index) => [node.key, taskId(index + 1)]));
  const specs: TaskSpec[] = [];
  for (const [index, node] of ordered.entries()) {
    yield;
    specs.push({
      id: taskId(index + 1),
      key: node.key,
      sequence: index + 1,
      name: oneLine(node.name),
      description: node.description,
      type: node.type,
      agentType: node.agentType,
      priority: priorityNumber(node.priority),
      dependencies: [...new Set(node.dependsOn)].map((key) => known(ids, key)),
      ...(node.expectedOutput ? { expectedOutput: node.expectedOutput } : {}),
      requirements: {
        ...(node.requirements ?? { capabilities: [], tools: [] }),
        permissions: node.requirements?.permissions ?? defaultPermissions(node.agentType, node.type),
      },
      onFailure: node.onFailure ?? 'skip-dependents',
      timeoutMs: node.timeoutMs ?? defaults.timeoutMs,
      maxRetries: node.maxRetries ?? defaults.maxRetries,
    });
  }
  return specs;
}

/** Adds the task that ends a planned swarm: it waits for every task that nothing else waits for. */
export function withSynthesis(nodes: readonly DraftTask[]): DraftTask[] {
  const taken = new Set(nodes.map((node) => node.key));
  let key: string = SYNTHESIS.key;
  for (let n = 2; taken.has(key); n += 1) key = `${SYNTHESIS.key}-${n}`;
  const closing: DraftTask = {
    ...SYNTHESIS,
    key,
    type: 'custom',
    agentType: 'synthesizer',
    priority: 'high',
    dependsOn: leafKeys(nodes),
  };
  return [...nodes, closing];
}

/** A caller's own graph, checked, as tasks: exactly those, no synthesis is added to what somebody laid out themselves. */
export function* callerTasksToTasks(
  tasks: readonly CallerDraft[],
  defaults: TaskDefaults,
): Steps<TaskSpec[]> {
  const drafts = tasks.map(({ dependencies, timeout, ...task }) => ({
    ...task,
    dependsOn: dependencies,
    timeoutMs: timeout,
  }));
  yield;
  return yield* makeTasks(drafts, defaults);
}

/** Depth first with a stack of our own: a chain of ten thousand tasks must not end the call stack. */
function* inDependencyOrder(nodes: readonly DraftTask[]): Steps<DraftTask[]> {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const state = new Map<string, 'open' | 'placed'>();
  const ordered: DraftTask[] = [];
  for (const root of nodes) {
    yield;
    const stack = [{ node: root, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { node } = top;
      yield;
      if (top.next === 0) {
        if (state.has(node.key)) {
          stack.pop();
          continue;
        }
        state.set(node.key, 'open');
      }
      const dependency = node.dependsOn[top.next];
      top.next += 1;
      if (dependency === undefined) {
        state.set(node.key, 'placed');
        ordered.push(node);
        stack.pop();
      } else if (state.get(dependency) === 'open') {
        throw new Error(`The graph has a circle through "${dependency}".`);
      } else if (!state.has(dependency)) {
        stack.push({ node: known(byKey, dependency), next: 0 });
      }
    }
  }
  return ordered;
}

function known<Value>(map: ReadonlyMap<string, Value>, key: string): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`The graph has no task "${key}".`);
  return value;
}
