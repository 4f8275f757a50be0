import { ofKind } from '../history.ts';
import { type Checker, perSwarm, SWARM_ENDS, TASK_ENDS } from './violation.ts';

/** Every swarm that an answer called created is there. */
export const acceptedImpliesFound: Checker = (entries) => {
  const found = new Set(
    ofKind(entries, 'final')
      .filter((final) => final.found)
      .map((final) => final.swarmId),
  );
  const accepted = new Set(ofKind(entries, 'create').flatMap(({ swarmId }) => swarmId ?? []));
  return [...accepted]
    .filter((swarmId) => !found.has(swarmId))
    .map((swarmId) => ({
      invariant: 'accepted implies found',
      swarmId,
      seen: 'It is not found at the end.',
    }));
};

/** A creation repeated with its key made one swarm. */
export const oneSwarmAKey: Checker = (entries) => {
  const ids = new Map<number, Set<string>>();
  for (const { swarm, swarmId } of ofKind(entries, 'create')) {
    if (swarmId !== undefined) ids.set(swarm, (ids.get(swarm) ?? new Set()).add(swarmId));
  }
  return [...ids]
    .filter(([, set]) => set.size > 1)
    .map(([swarm, set]) => ({
      invariant: 'accepted implies found',
      seen: `One idempotency key (number ${swarm}) made the swarms ${[...set].join(', ')}.`,
    }));
};

export const everySwarmEnds = perSwarm('every swarm ends', ({ status, log }) => [
  ...(status === 'completed' || status === 'failed' ? [] : [`It is still ${status}.`]),
  ...(SWARM_ENDS.includes(log.at(-1)?.type ?? '')
    ? []
    : [`Its last event is ${log.at(-1)?.type ?? 'missing'}.`]),
]);

/** None fails but the stopped, those of which a task was cancelled, and those with a task that lost its worker three times. */
export const nothingFailsByItself: Checker = (entries) => {
  const stops = ofKind(entries, 'stop');
  const stopped = new Set(stops.filter(({ taskId }) => taskId === undefined).map(({ swarmId }) => swarmId));
  const cancelled = new Set(stops.filter(({ taskId }) => taskId !== undefined).map(({ swarmId }) => swarmId));
  return perSwarm('every swarm ends', ({ swarmId, status, reason, log }) => {
    if (status !== 'failed') return [];
    if (cancelled.has(swarmId) && log.some(({ type }) => type === 'task.cancelled')) return [];
    if (reason === 'stopped' && stopped.has(swarmId)) return [];
    const failures = log.filter((event) => event.type === 'task.failed');
    const poisoned =
      failures.length > 0 &&
      failures.every((event) => {
        const lost = log.filter(
          (one) => one.taskId === event.taskId && one.data['code'] === 'worker_lost',
        ).length;
        return event.data['code'] === 'poison' && lost >= 2;
      });
    return poisoned ? [] : [`It failed (${reason}) although nothing but faults of ours happened to it.`];
  })(entries);
};

/** After its end nothing more happens to a task or a swarm, and no answer takes an end back. */
export const terminalIsFinal: Checker = (entries) => [
  ...perSwarm('terminal is final', ({ log }) => {
    const seen: string[] = [];
    const ended = new Map<string, string>();
    let swarmEnd: string | undefined;
    for (const { type, taskId, seq } of log) {
      if (swarmEnd !== undefined) seen.push(`Event ${seq} (${type}) comes after ${swarmEnd}.`);
      if (taskId !== undefined && ended.has(taskId)) {
        seen.push(`Event ${seq} (${type} of ${taskId}) comes after its ${ended.get(taskId)}.`);
      }
      if (taskId !== undefined && TASK_ENDS.includes(type)) ended.set(taskId, type);
      if (SWARM_ENDS.includes(type)) swarmEnd = type;
    }
    return seen;
  })(entries),
  ...takenBack(entries),
];

const takenBack: Checker = (entries) => {
  const last = new Map<string, string>();
  const statuses = entries.filter((entry) => entry.kind === 'status' || entry.kind === 'final');
  return statuses.flatMap(({ swarmId, status }) => {
    const before = last.get(swarmId);
    last.set(swarmId, status);
    const over = before === 'completed' || before === 'failed';
    if (!over || status === before) return [];
    return [{ invariant: 'terminal is final', swarmId, seen: `It was ${before}, and then ${status}.` }];
  });
};
