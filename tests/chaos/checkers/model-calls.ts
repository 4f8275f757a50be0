import { type Entry, type ModelEntry, ofKind } from '../history.ts';
import type { Checker, Violation } from './violation.ts';
import { VIOLENT } from './violent.ts';

type Call = ModelEntry & { at: number };

/** After a stop or cancel was answered no model call begins later than this; with faults about, than the second. */
const STOP_WITHIN_MS = 2_000;
const STOP_WITHIN_UNDER_FAULT_MS = 5_000;
/** A fault this long before the stop may still be about: the longest freeze, and what it takes to be back. */
const FAULT_LASTS_MS = 15_000;
/** Faults besides the violent ones that may hold up the message of a stop. */
const IN_THE_WAY = /^(SIGTERM|block|redis-full|redis-read-only|job-)/;

const callsOf = (entries: readonly Entry[]): Map<string, Call[]> => {
  const swarms = new Map<string, string>();
  for (const { objective, swarmId } of ofKind(entries, 'create'))
    if (objective !== undefined && swarmId !== undefined) swarms.set(objective, swarmId);
  const calls = new Map<string, Call[]>();
  for (const call of ofKind(entries, 'model')) {
    const swarmId = call.objective === null ? undefined : swarms.get(call.objective);
    if (swarmId === undefined) continue;
    const known = calls.get(swarmId);
    if (known === undefined) calls.set(swarmId, [call]);
    else known.push(call);
  }
  return calls;
};

/** The other two can see nothing when the calls cannot be told apart: then they would find every history sound. */
export const callsBelongToSwarms: Checker = (entries) => {
  const ofTasks = ofKind(entries, 'model').filter(({ taskId }) => taskId !== null);
  const created = ofKind(entries, 'create').some(({ swarmId }) => swarmId !== undefined);
  if (ofTasks.length === 0 || !created || callsOf(entries).size > 0) return [];
  const seen = `None of ${ofTasks.length} model calls has the objective of a swarm; one has ${JSON.stringify(ofTasks[0]?.objective)}.`;
  return [{ invariant: 'every model call belongs to a swarm', seen }];
};

/** Who was told that something is stopped does not pay for a call that begins long after. */
export const nothingBeginsAfterAStop: Checker = (entries) => {
  const calls = callsOf(entries);
  const faults = ofKind(entries, 'action').filter(
    ({ action }) => VIOLENT.test(action) || IN_THE_WAY.test(action),
  );
  return ofKind(entries, 'stopped').flatMap(({ swarmId, taskId, at }) =>
    (calls.get(swarmId) ?? [])
      .filter((call) => (taskId === undefined || call.taskId === taskId) && call.at > at)
      .flatMap((call): Violation[] => {
        const troubled = faults.some((fault) => fault.at >= at - FAULT_LASTS_MS && fault.at <= call.at);
        const limit = troubled ? STOP_WITHIN_UNDER_FAULT_MS : STOP_WITHIN_MS;
        if (call.at - at <= limit) return [];
        const what = `${call.agentType} ${call.taskId ?? ''} turn ${call.turn}`;
        const seen = `A model call (${what}) began ${call.at - at} ms after the stop of ${taskId ?? 'the swarm'} was answered.`;
        return [{ invariant: 'no model call begins after a stop', swarmId, seen }];
      }),
  );
};

/** When a fault of one process, or of all, ends its say: what it was doing is not its fault any more. */
const EVERYBODY = ['all', 'redis', 'queue'];

/**
 * A worker that is told to stop ends its agents between two turns: none of their turns is paid, or begun, a second time. Only
 * workers are looked at to which nothing else happened.
 */
export const gracefulStopIsFree: Checker = (entries) => {
  const actions = ofKind(entries, 'action');
  const violent = actions.filter(({ action }) => VIOLENT.test(action));
  const starts = ofKind(entries, 'final').flatMap(({ swarmId, log }) =>
    log
      .filter(({ type }) => type === 'task.started')
      .map(({ at, taskId, data }) => ({ swarmId, taskId, at, workerId: String(data['workerId']) })),
  );
  return [...callsOf(entries)].flatMap(([swarmId, calls]) =>
    repeated(calls).flatMap(([first, second]): Violation[] => {
      const begun = starts.filter(
        (start) => start.swarmId === swarmId && start.taskId === first.taskId && start.at <= second.at,
      );
      const holder = begun.findLast(({ at }) => at <= first.at);
      const next = begun.find(({ at }) => at > first.at);
      if (holder === undefined || next === undefined) return [];
      const told = actions.find(
        ({ action, workerId, at }) =>
          action === 'SIGTERM' && workerId === holder.workerId && at >= holder.at && at <= next.at,
      );
      const hurt = violent.some(
        ({ workerId, target, at }) =>
          (workerId === holder.workerId || EVERYBODY.includes(target)) &&
          at >= first.at - FAULT_LASTS_MS &&
          at <= next.at,
      );
      if (told === undefined || hurt) return [];
      const seen = `Turn ${first.turn} of ${first.taskId} was ${first.outcome} at ${holder.workerId}, which was told to stop, and asked for again.`;
      return [{ invariant: 'a graceful stop pays no turn again', swarmId, seen }];
    }),
  );
};

/** Calls that went far enough to cost something, each with the next call for the same turn. */
function repeated(calls: readonly Call[]): [Call, Call][] {
  const latest = new Map<string, Call>();
  return calls.flatMap((call): [Call, Call][] => {
    if (call.prefixHash === null || call.taskId === null) return [];
    const before = latest.get(call.prefixHash);
    if (call.outcome === 'completed' || call.outcome === 'aborted') latest.set(call.prefixHash, call);
    return before === undefined ? [] : [[before, call]];
  });
}
