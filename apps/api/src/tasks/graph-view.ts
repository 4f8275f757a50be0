import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import type { TaskLevels } from './task-levels.ts';
import { assignedTo } from './task-view.ts';

/** Tasks and what they wait for, to be drawn. @param levels of all tasks up to the last of these */
export function graphView(tasks: readonly StoredTask[], levels: TaskLevels) {
  return {
    nodes: tasks.map(({ spec, state }) => ({
      id: spec.id,
      key: spec.key,
      name: spec.name,
      type: spec.type,
      agentType: spec.agentType,
      status: state.status,
      priority: spec.priority,
      level: levels[spec.sequence] ?? 0,
      assignedTo: assignedTo(state),
    })),
    edges: tasks.flatMap(({ spec }) => spec.dependencies.map((from) => ({ from, to: spec.id }))),
    count: tasks.length,
  };
}
