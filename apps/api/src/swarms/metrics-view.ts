import type { SwarmState } from '@claude-flow/core/domain/task';
import type { WorkerEntry } from '@claude-flow/core/store/workers';
import type { SwarmOutcome } from '../results/results-view.ts';
import { busyTime, efficiency, mean, rounded, wallTime } from './efficiency.ts';

export interface SwarmMeasured extends Pick<SwarmOutcome, 'swarm' | 'tasks' | 'agents'> {
  /** Of the results that have one. */
  qualities: readonly number[];
}

/** `metrics` of the document, measured; null where nothing is to be measured yet. @param now milliseconds since 1970 */
export function metricsView(measured: SwarmMeasured, workers: readonly WorkerEntry[], now: number) {
  const { swarm, tasks, qualities, agents } = measured;
  const states = tasks.map(({ state }) => state);
  const completed = states.filter(({ status }) => status === 'completed');
  const failed = states.filter(({ status }) => status === 'failed').length;
  const wallMs = wallTime(swarm, now);
  const tried = completed.length + failed;
  const livedMs = agents.reduce((sum, agent) => sum + ((agent.terminatedAt ?? now) - agent.spawnedAt), 0);
  const busyMs = agents.reduce((sum, agent) => sum + busyTime(agent, now), 0);
  const took = completed.flatMap(({ startedAt, endedAt }) =>
    startedAt === undefined || endedAt === undefined ? [] : [endedAt - startedAt],
  );
  return {
    throughput: wallMs === 0 ? null : rounded((completed.length * 1000) / wallMs),
    latency: mean(took),
    efficiency: efficiency(swarm, agents, now),
    reliability: tried === 0 ? null : rounded(completed.length / tried),
    averageQuality: mean(qualities),
    resourceUtilization: resources(swarm, states, workers),
    agentUtilization: livedMs <= 0 ? null : rounded(Math.min(1, busyMs / livedMs)),
  };
}

/** Of the workers that are at its tasks now; without any, the most that those that were have used. */
function resources(
  { resources: kept = [] }: SwarmState,
  states: readonly { status: string; workerId?: string }[],
  workers: readonly WorkerEntry[],
) {
  const busy = new Set(states.filter(({ status }) => status === 'running').map(({ workerId }) => workerId));
  const now = workers.filter(({ workerId }) => busy.has(workerId));
  const sum = (values: (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  const memory =
    sum(now.map((worker) => worker.memoryBytes)) ?? sum(kept.map((worker) => worker.memoryBytes));
  const cpu = sum(now.map((worker) => worker.cpu)) ?? sum(kept.map((worker) => worker.cpu));
  return { memory, cpu: cpu === null ? null : rounded(cpu) };
}
