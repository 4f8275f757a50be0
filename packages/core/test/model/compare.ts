import type { SwarmEvent } from '../../src/contracts/swarm-event.ts';
import type { LedgerSnapshot } from '../ledger-snapshot.ts';
import type { Choices } from './agent-commands.ts';
import { type Model, readyTasks, taskLine } from './state.ts';

const absent = { swarm: 'none' };
/** The tests' leases and delays take an hour; what is made to end or to be due is set long before. */
const HALF_AN_HOUR_MS = 1_800_000;

const waits = (task: { waitingFor?: string; waitsOn?: readonly string[] }) =>
  task.waitingFor === undefined
    ? 'waits for nothing'
    : `${task.waitingFor}: ${(task.waitsOn ?? []).toSorted().join(' ')}`;

/** What is compared of a swarm, as the model sees it. */
export function modelView({ swarm }: Model): unknown {
  if (swarm === undefined) return absent;
  return {
    swarm: swarm.status,
    planned: swarm.planned,
    startRequested: swarm.startRequested,
    ready: readyTasks(swarm).map((task) => task.id),
    tasks: [...swarm.tasks.values()].map((task) => [
      task.id,
      task.status,
      `attempt ${task.attempt}, failures ${task.failures}, crashes ${task.crashes}, turns ${task.turns}`,
      ['queued', 'running'].includes(task.status) ? task.agentId : 'no agent',
      task.status === 'running' ? task.token : 'no token',
      task.status === 'running' ? task.trial : 'no trial',
      (task.status === 'running' && task.leaseEnded) || (task.status === 'retrying' && task.due),
      swarm.agents.get(task.pinnedTo ?? '')?.status === 'terminated' ? undefined : task.pinnedTo,
      task.journal,
      waits(task),
    ]),
    approvals: [...swarm.approvals].map(([id, one]) => `${id} of ${one.taskId}: ${one.status}`).sort(),
    agents: [...swarm.agents.values()].map((agent) => [
      agent.id,
      agent.type,
      agent.status,
      agent.taskId ?? 'no task',
      agent.tasksCompleted,
      agent.tasksFailed,
    ]),
  };
}

/** The same of the real one. @param journals by task id */
export function ledgerView(snapshot: LedgerSnapshot | undefined, journals: Map<string, string[]>): unknown {
  if (snapshot === undefined) return absent;
  const { swarm, tasks, agents } = snapshot;
  const passed = (id: string) => {
    const at = snapshot.running.get(id) ?? snapshot.retrying.get(id);
    return at !== undefined && at < swarm.createdAt + HALF_AN_HOUR_MS;
  };
  const bySequence = [...tasks.values()].sort((a, b) => a.id.localeCompare(b.id));
  const byId = [...agents.values()].sort((a, b) => a.id.localeCompare(b.id));
  return {
    swarm: swarm.status,
    planned: swarm.planned,
    startRequested: swarm.startRequested,
    ready: [...snapshot.ready.keys()],
    tasks: bySequence.map((task) => [
      task.id,
      task.status,
      `attempt ${task.attempt}, failures ${task.failures}, crashes ${task.crashes}, turns ${task.turns}`,
      ['queued', 'running'].includes(task.status) ? task.agentId : 'no agent',
      task.status === 'running' ? task.token : 'no token',
      task.status === 'running' ? task.trial : 'no trial',
      passed(task.id),
      agents.get(task.pinnedTo ?? '')?.status === 'terminated' ? undefined : task.pinnedTo,
      journals.get(task.id) ?? [],
      waits(task),
    ]),
    approvals: [...snapshot.approvals].map(([id, one]) => `${id} of ${one.taskId}: ${one.status}`).sort(),
    agents: byId.map((agent) => [
      agent.id,
      agent.type,
      agent.status,
      agent.taskId ?? 'no task',
      agent.tasksCompleted,
      agent.tasksFailed,
    ]),
  };
}

export function eventLine(event: SwarmEvent): string {
  if (event.taskId !== undefined) return taskLine(event.type, event.taskId, event.attempt);
  return event.agentId === undefined ? event.type : `${event.type} ${event.agentId}`;
}

/** Who got which attempt, and who made room for whom, as the events tell. */
export function choicesOf(events: readonly SwarmEvent[]): Choices {
  return {
    agentOf: (taskId, attempt) =>
      events.find((one) => one.type === 'task.assigned' && one.taskId === taskId && one.attempt === attempt)
        ?.agentId,
    endedFor: (agentId) => {
      const at = events.findIndex((one) => one.type === 'agent.spawned' && one.agentId === agentId);
      const before = events[at - 1];
      return before?.type === 'agent.terminated' ? before.agentId : undefined;
    },
  };
}
