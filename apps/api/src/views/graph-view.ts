import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import { assignedTo } from './task-view.ts';

/** Tasks and what they wait for, to be drawn. @param tasks dependencies before their dependants */
export function graphView(tasks: readonly StoredTask[]) {
  const levels = new Map<string, number>();
  for (const { spec } of tasks) {
    const needed = spec.dependencies.map((id) => levels.get(id) ?? 0);
    levels.set(spec.id, needed.length === 0 ? 0 : 1 + Math.max(...needed));
  }
  return {
    nodes: tasks.map(({ spec, state }) => ({
      id: spec.id,
      key: spec.key,
      name: spec.name,
      type: spec.type,
      agentType: spec.agentType,
      status: state.status,
      priority: spec.priority,
      level: levels.get(spec.id) ?? 0,
      assignedTo: assignedTo(state),
    })),
    edges: tasks.flatMap(({ spec }) => spec.dependencies.map((from) => ({ from, to: spec.id }))),
    count: tasks.length,
  };
}
