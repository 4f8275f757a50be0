import type { AgentRecord } from '@claude-flow/core/domain/agent';
import { defaultCapabilities } from '@claude-flow/core/domain/vocabulary';
import { iso, isoOrNull } from '../http/time.ts';

/** An agent as the document shows it. Measures are null until there is something to measure. */
export function agentView(swarmId: string, agent: AgentRecord) {
  const finished = agent.tasksCompleted + agent.tasksFailed;
  const own = agent.capabilities === undefined ? {} : (JSON.parse(agent.capabilities) as object);
  return {
    id: { id: agent.id, swarmId, type: agent.type, instance: agent.instance },
    name: agent.name,
    type: agent.type,
    status: agent.status,
    capabilities: { ...defaultCapabilities(agent.type), ...own },
    metrics: {
      tasksCompleted: agent.tasksCompleted,
      tasksFailed: agent.tasksFailed,
      successRate: finished === 0 ? null : agent.tasksCompleted / finished,
      averageExecutionTime: finished === 0 ? null : Math.round(agent.busyMs / finished),
    },
    currentTask: agent.taskId ?? null,
    spawnedAt: iso(agent.spawnedAt),
    terminatedAt: isoOrNull(agent.terminatedAt),
  };
}
