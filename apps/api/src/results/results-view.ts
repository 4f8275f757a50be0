import type { AgentRecord } from '@claude-flow/core/domain/agent';
import { conflictSentence, layOutFiles } from '@claude-flow/core/domain/lay-out-files';
import type { SwarmState, TaskResult } from '@claude-flow/core/domain/task';
import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import { taskArtifactsView } from '../artifacts/artifact-view.ts';
import { efficiency, mean, wallTime } from '../swarms/efficiency.ts';
import { usageView } from '../swarms/usage-view.ts';
import { fileTasksOf } from './file-tasks.ts';

export interface SwarmOutcome {
  swarm: SwarmState;
  tasks: readonly StoredTask[];
  results: ReadonlyMap<string, TaskResult>;
  agents: readonly AgentRecord[];
}

/** `results` of the document, measured; what nothing measured is null. @param now milliseconds since 1970 */
export function resultsView({ swarm, tasks, results, agents }: SwarmOutcome, now: number) {
  const finished = tasks.flatMap(({ spec }) => {
    const result = results.get(spec.id);
    return result === undefined ? [] : [{ spec, result }];
  });
  const synthesis = finished.find(({ spec }) => spec.agentType === 'synthesizer');
  return {
    keys: Object.fromEntries(tasks.map(({ spec }) => [spec.key, spec.id])),
    outputs: Object.fromEntries(finished.map(({ spec, result }) => [spec.id, said(result)])),
    artifacts: Object.fromEntries(
      finished
        .filter(({ result }) => result.artifacts.length > 0)
        .map(({ spec, result }) => [spec.id, taskArtifactsView(swarm.id, spec, result.artifacts)]),
    ),
    conflicts: layOutFiles(fileTasksOf(tasks, results)).conflicts.map((conflict) => ({
      ...conflict,
      message: conflictSentence(conflict),
    })),
    summary: synthesis === undefined ? null : said(synthesis.result),
    overallQuality: mean(finished.flatMap(({ result }) => result.quality ?? [])),
    totalExecutionTime: wallTime(swarm, now),
    efficiency: efficiency(swarm, agents, now),
    usage: usageView(swarm),
  };
}

/** What an agent handed in as text: many put all of it into the summary. */
export function said({ output, summary }: TaskResult): string {
  return output === '' ? summary : output;
}
