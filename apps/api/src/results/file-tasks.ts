import type { FileTask } from '@claude-flow/core/domain/merge-files';
import type { ArtifactEntry, TaskResult } from '@claude-flow/core/domain/task';
import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';

/** Tasks with the files that they left; those without any are links between others. */
export function fileTasksOf(
  tasks: readonly StoredTask[],
  results: ReadonlyMap<string, TaskResult>,
): FileTask<ArtifactEntry>[] {
  return tasks.map(({ spec }) => ({
    id: spec.id,
    dependencies: spec.dependencies,
    artifacts: results.get(spec.id)?.artifacts ?? [],
  }));
}
