import { type ActionEntry, type Entry, type FinalEntry, ofKind } from './history.ts';

/** Deeds whose recovery is timed. */
const FAULTS =
  /^(SIGKILL|SIGSTOP|SIGTERM|out-of-memory|kill-before|kill-after|blackhole|reset|delay|replies-withheld|block|redis-killed|redis-full|redis-read-only|redis-back|disk-full|job-)/;
/** After these a task goes on only with a new attempt. */
const ENDS_ATTEMPTS = /^(SIGKILL|SIGTERM|out-of-memory|kill-)/;
const WORK = ['task.started', 'task.progress', 'task.completed'];
/** What an attempt does while it has its task. */
const GOES_ON = ['task.progress', 'artifact.stored'];

const BEFALLS_ALL = /^(redis|all)$/;
const GOOD_NEWS = /^redis-back/;
/** A fault of a worker this long before may still be about. */
const FAULT_LASTS_MS = 15_000;

/**
 * Milliseconds from each fault to the next attempt or progress of what it hit, by fault. What waits for a worker with a fault of its
 * own says nothing of a fault of another process, and what the next fault of Redis holds up nothing of the one before.
 */
export function recoveryTimes(entries: readonly Entry[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  const finals = ofKind(entries, 'final');
  for (const fault of ofKind(entries, 'action')) {
    const backForAll = fault.action === 'pass' && fault.target === 'all';
    if (!FAULTS.test(fault.action) && !backForAll) continue;
    const name = `${fault.action} ${fault.target.replace(/-\d+$/, '')}`;
    const here = finals.filter(({ cluster }) => cluster === fault.cluster);
    const others = ofKind(entries, 'action').filter(
      (other) => other.cluster === fault.cluster && other !== fault && FAULTS.test(other.action),
    );
    const found = here.flatMap(({ log }) =>
      fault.workerId === undefined ? swarmRecovery(log, fault.at, others) : taskRecovery(log, fault),
    );
    if (found.length > 0) times.set(name, [...(times.get(name) ?? []), ...found]);
  }
  return times;
}

/** Of each task that the worker had at that moment. */
function taskRecovery(log: FinalEntry['log'], fault: ActionEntry & { at: number }): number[] {
  const started = log.filter(
    ({ type, at, data }) => type === 'task.started' && at <= fault.at && data['workerId'] === fault.workerId,
  );
  return started.flatMap((start) => {
    const later = log.filter(({ seq, taskId }) => taskId === start.taskId && seq > start.seq);
    const over = later.some(({ type, at }) => at <= fault.at && !GOES_ON.includes(type));
    const goesOn = ENDS_ATTEMPTS.test(fault.action) ? ['task.started'] : WORK;
    const next = later.find(({ type, at }) => at > fault.at && goesOn.includes(type));
    return over || next === undefined ? [] : [next.at - fault.at];
  });
}

/** Of a swarm that was under way at that moment, on workers that were well, and before something else befell everybody. */
function swarmRecovery(
  log: FinalEntry['log'],
  faultAt: number,
  others: readonly (ActionEntry & { at: number })[],
): number[] {
  const underWay = (log[0]?.at ?? Number.POSITIVE_INFINITY) <= faultAt;
  const next = log.find(({ at }) => at > faultAt);
  if (!underWay || next === undefined) return [];
  const workers = new Set(
    log
      .filter(({ type, at }) => type === 'task.started' && at <= next.at)
      .map(({ data }) => String(data['workerId'])),
  );
  const held = others.some(({ at, action, target, workerId = '' }) => {
    if (at > next.at) return false;
    if (workers.has(workerId)) return at > faultAt - FAULT_LASTS_MS;
    return at > faultAt && BEFALLS_ALL.test(target) && !GOOD_NEWS.test(action);
  });
  return held ? [] : [next.at - faultAt];
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
