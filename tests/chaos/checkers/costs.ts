import { type Entry, ofKind } from '../history.ts';
import type { Checker } from './violation.ts';
import { VIOLENT } from './violent.ts';

/** Reasons for another attempt that are a fault's doing and not the agent's. */
const INTERRUPTED = ['worker_lost', 'handed_back'];

/** Turns that may have been paid twice: one for each task (or plan) in flight at each crash. */
function turnsAllowedTwice(entries: readonly Entry[]): number {
  const violent = ofKind(entries, 'action').filter((entry) => VIOLENT.test(entry.action));
  if (violent.length === 0) return 0;
  const finals = ofKind(entries, 'final');
  const interrupted = finals
    .flatMap(({ log }) => log)
    .filter(
      ({ type, data }) =>
        (type === 'task.retrying' && INTERRUPTED.includes(String(data['code']))) ||
        (type === 'task.failed' && data['code'] === 'poison'),
    ).length;
  // A plan is a model call as well: paid again when a fault fell between the swarm's creation and its plan.
  const plans = finals
    .map(({ log }) => ({
      from: log[0]?.at ?? 0,
      to: log.find(({ type }) => type === 'swarm.planned')?.at ?? Number.POSITIVE_INFINITY,
    }))
    .reduce((sum, { from, to }) => sum + violent.filter(({ at }) => at >= from && at <= to).length, 0);
  return interrupted + plans;
}

export const spend: Checker = (entries) => {
  const paid = ofKind(entries, 'spend').at(-1)?.repeatedPrefixes ?? 0;
  const allowed = turnsAllowedTwice(entries);
  if (paid <= allowed) return [];
  return [
    {
      invariant: 'turns paid again: at most one per task in flight per crash',
      seen: `${paid} turns were paid twice; the faults explain ${allowed}.`,
    },
  ];
};

export const nothingIsLeft: Checker = (entries) =>
  ofKind(entries, 'leftover').map(({ what }) => ({
    invariant: 'no lease, lock, child process, temporary workspace or ownerless key is left',
    seen: what,
  }));
