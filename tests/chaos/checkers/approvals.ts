import { perSwarm } from './violation.ts';

/** People are asked once for each thing, it is decided once, and no task ends well before that. */
export const askedOnce = perSwarm('an approval is asked for once and decided once', ({ status, log }) => {
  const seen: string[] = [];
  const known = new Map<string, 'requested' | 'decided'>();
  for (const { type, seq, data } of log) {
    if (type !== 'approval.requested' && type !== 'approval.decided') continue;
    const id = String(data['approvalId']);
    const now = type === 'approval.requested' ? 'requested' : 'decided';
    const due = now === 'requested' ? undefined : 'requested';
    if (known.get(id) !== due) seen.push(`Event ${seq}: ${id} is ${now}, and was ${known.get(id)}.`);
    known.set(id, now);
  }
  if (status === 'completed')
    for (const [id, state] of known)
      if (state !== 'decided') seen.push(`The swarm is completed, yet nobody decided on ${id}.`);
  return seen;
});
