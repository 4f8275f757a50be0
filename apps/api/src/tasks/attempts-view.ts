import type { SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import { iso } from '../http/time.ts';
import type { ATTEMPT_OUTCOMES } from './attempts-schema.ts';

interface Attempt {
  attempt: number;
  agentId: string | null;
  workerId: string | null;
  assignedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  turns: number;
  refusedCalls: number;
  lastRefusal: string | null;
  outcome: (typeof ATTEMPT_OUTCOMES)[number];
  code: string | null;
  message: string | null;
}

const text = (value: unknown) => (typeof value === 'string' ? value : null);

function outcomeOf({ type, data }: SwarmEvent): Attempt['outcome'] | undefined {
  switch (type) {
    case 'task.completed':
      return 'completed';
    case 'task.failed':
      return data['code'] === 'poison' ? 'worker-lost' : 'failed';
    case 'task.cancelled':
      return 'cancelled';
    case 'task.suspended':
      return 'suspended';
    case 'task.retrying':
      if (data['code'] === 'worker_lost') return 'worker-lost';
      return data['code'] === 'handed_back' ? 'handed-back' : 'failed';
    default:
      return undefined;
  }
}

/** An answer of the model, or calls of it that were refused; a failed call of the model is neither. */
function addProgress(attempt: Attempt, data: SwarmEvent['data']): void {
  const { refusedCalls, refused } = data;
  if (typeof refusedCalls === 'number') {
    attempt.refusedCalls += refusedCalls;
    const { tool, message } = (Array.isArray(refused) ? refused.at(-1) : undefined) ?? {};
    if (text(message) !== null) attempt.lastRefusal = `${text(tool) ?? ''}: ${text(message)}`;
  } else if (data['failed'] !== true && data['waitingUntil'] === undefined) attempt.turns += 1;
}

/** What became of each attempt of a task, as its events tell. @param events of this task, in order */
export function attemptsView(events: readonly SwarmEvent[]): Attempt[] {
  const attempts: Attempt[] = [];
  for (const event of events) {
    const last = attempts.at(-1);
    if (event.type === 'task.assigned' && event.attempt !== undefined) {
      // Nobody took it, or a pause took it back: that has no event of its own.
      if (last?.endedAt === null) Object.assign(last, { outcome: 'handed-back', endedAt: iso(event.at) });
      attempts.push({
        attempt: event.attempt,
        agentId: event.agentId ?? null,
        workerId: null,
        assignedAt: iso(event.at),
        startedAt: null,
        endedAt: null,
        turns: 0,
        refusedCalls: 0,
        lastRefusal: null,
        outcome: 'queued',
        code: null,
        message: null,
      });
      continue;
    }
    if (last === undefined || last.attempt !== event.attempt || last.endedAt !== null) continue;
    const outcome = outcomeOf(event);
    if (event.type === 'task.progress') addProgress(last, event.data);
    else if (event.type === 'task.started') {
      Object.assign(last, {
        outcome: 'running',
        startedAt: iso(event.at),
        workerId: text(event.data['workerId']),
      });
    } else if (outcome !== undefined) {
      const message = text(event.data['message']) ?? text(event.data['reason']);
      Object.assign(last, { outcome, endedAt: iso(event.at), code: text(event.data['code']), message });
    }
  }
  return attempts;
}
