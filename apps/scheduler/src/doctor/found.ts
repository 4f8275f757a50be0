import type { Finding } from '../loops/sweep/judge-swarm.ts';
import type { KeyFinding } from '../loops/walk/look-at-keys.ts';

/** One thing that is wrong. */
export type Found =
  | { kind: 'swarm'; swarmId: string; finding: Finding; now: number }
  | { kind: 'key'; finding: KeyFinding }
  | { kind: 'worker'; workerId: string; missedAt: number };

export type FoundVerdict = Finding['verdict'] | KeyFinding['verdict'];

const SENTENCES: Record<FoundVerdict, string> = {
  'lease-expired': 'its worker has not renewed its lease',
  'worker-gone': 'the worker is registered and has no connection any more',
  'job-missing': 'it is queued and has no job',
  'delivery-lost': 'it was delivered and never begun',
  'never-queued': 'tasks are ready, no agent is at work, and nobody queued them',
  'retry-due': 'a retry is due and nobody woke it',
  'deadline-passed': 'the swarm is past its timeout',
  'plan-lost': 'the plan is not being made by anybody',
  'never-started': 'nobody started the swarm for a day',
  unsettled: 'nothing is open, yet the swarm has not ended',
  misplaced: 'tasks are not where their state says they belong',
  finished: 'the swarm has ended and was not put away',
  ghost: 'the index names a swarm that is not there',
  ownerless: 'the key belongs to a swarm that is gone',
  'not-indexed': 'the swarm is at work and in no index',
  'not-listed': "the swarm is missing from its owner's list",
  'no-expiry': 'the swarm was put away, and the key would stay for ever',
};

/** For people and for `--json`. */
export interface FoundLine {
  verdict: FoundVerdict;
  /** The id of a swarm or a worker. */
  of: string;
  /** A task and its attempt, or a key. */
  what: string;
  means: string;
}

export function describe(found: Found): FoundLine {
  switch (found.kind) {
    case 'worker':
      return line('worker-gone', found.workerId, '');
    case 'key':
      return line(found.finding.verdict, found.finding.swarmId, found.finding.key);
    case 'swarm': {
      const { finding, swarmId } = found;
      const what = 'task' in finding ? `${finding.task.id}, attempt ${finding.task.attempt}` : '';
      return line(finding.verdict, swarmId, what);
    }
  }
}

function line(verdict: FoundVerdict, of: string, what: string): FoundLine {
  return { verdict, of, what, means: SENTENCES[verdict] };
}

/** The same thing, seen twice, has the same text. A fault of a whole swarm shows in each of its keys. */
export function identity(found: Found): string {
  if (found.kind === 'key' && found.finding.verdict !== 'ownerless')
    return `${found.finding.verdict} ${found.finding.swarmId}`;
  const { verdict, of, what } = describe(found);
  return `${verdict} ${of} ${what}`;
}
