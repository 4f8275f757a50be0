import type { AgentRecord, SwarmRecord, TaskResult } from '@claude-flow/core/domain/task';
import type { TaskView as StoredTask } from '@claude-flow/core/store/task-reads';
import { taskArtifactsView } from './artifact-view.ts';
import { usageView } from './usage-view.ts';

export interface SwarmOutcome {
  swarm: SwarmRecord;
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
  const wallMs = swarm.startedAt === undefined ? 0 : (swarm.endedAt ?? now) - swarm.startedAt;
  const synthesis = finished.find(({ spec }) => spec.agentType === 'synthesizer');
  return {
    outputs: Object.fromEntries(finished.map(({ spec, result }) => [spec.id, result.output])),
    artifacts: Object.fromEntries(
      finished
        .filter(({ result }) => result.artifacts.length > 0)
        .map(({ spec, result }) => [spec.id, taskArtifactsView(swarm.id, spec.id, result.artifacts)]),
    ),
    summary: synthesis?.result.output ?? null,
    overallQuality: mean(finished.flatMap(({ result }) => result.quality ?? [])),
    totalExecutionTime: wallMs,
    efficiency: efficiency(swarm, agents, wallMs, now),
    usage: usageView(swarm),
  };
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Busy time of all agents / (agents x wall time). Never more than `maxAgents` live at once, however many came and went. */
function efficiency(
  swarm: SwarmRecord,
  agents: readonly AgentRecord[],
  wallMs: number,
  now: number,
): number | null {
  const places = Math.min(agents.length, swarm.maxAgents);
  if (places === 0 || wallMs <= 0) return null;
  const busyMs = agents.reduce(
    (sum, agent) => sum + agent.busyMs + (agent.busySince === undefined ? 0 : now - agent.busySince),
    0,
  );
  return rounded(Math.min(1, busyMs / (places * wallMs)));
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
