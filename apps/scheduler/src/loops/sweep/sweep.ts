import { isSwarmId } from '@claude-flow/core/domain/ids';
import { forgetEnded, freePlaces } from '@claude-flow/core/queue/places';
import type { Queues } from '@claude-flow/core/queue/queues';
import { recountStorage } from '@claude-flow/core/queue/storage';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { PLACES_PER_SWEEP, STORAGE_PER_SWEEP, SWEEP_BATCH } from '@claude-flow/core/runtime/tunables';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { appendLog } from '@claude-flow/core/store/logs';
import { keepPulse } from '@claude-flow/core/store/observations';
import { forgetGoneSwarms } from '@claude-flow/core/store/retention';
import { listActiveSwarms } from '@claude-flow/core/store/swarms';
import type { AwayMemory } from '../away-memory.ts';
import { forEachAtMost } from './at-most.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { type Finding, judgeSwarm } from './judge-swarm.ts';
import { repair } from './repair.ts';

export interface SweepDeps {
  ledger: Ledger;
  queues: Queues;
  metrics: Metrics;
  log: Logger;
  /** For tests: how long after a break of Redis leases that ended meanwhile do not count, in milliseconds. */
  leasesCountAfterMs?: number;
}

/** Swarms examined at the same time: enough to fill the way to Redis and back, few enough not to crowd out others. */
const SWARMS_AT_ONCE = 16;

/** What is said in the swarm's own log; the other verdicts mean nothing to its owner. */
const TOLD: Partial<Record<Finding['verdict'], string>> = {
  'lease-expired': 'Its worker was lost; the task goes to another one.',
  'worker-gone': 'Its worker was lost; the task goes to another one.',
  'never-started': 'Nobody started the swarm; it was ended.',
  'delivery-lost': 'It was handed to a worker that never began; it is handed out again.',
  'plan-lost': 'The plan was not finished; it is asked for again.',
  'deadline-passed': 'The swarm ran past its timeout and was ended.',
};

/**
 * Looks once at every unfinished swarm and mends what is broken. One swarm's failure does not keep it from the others.
 * @param away while Redis was away lately, tasks whose lease has ended are left alone
 */
export async function sweepOnce(deps: SweepDeps, signal?: AbortSignal, away?: AwayMemory): Promise<void> {
  await forgetGoneSwarms(deps.ledger);
  await freePlaces(deps, PLACES_PER_SWEEP);
  await keepCounts(deps);
  for (let offset = 0; !signal?.aborted; ) {
    const page = await listActiveSwarms(deps.ledger, offset, SWEEP_BATCH);
    let removed = 0;
    await forEachAtMost(page, SWARMS_AT_ONCE, async (swarmId) => {
      try {
        if (await sweepSwarm(deps, swarmId, away)) removed += 1;
      } catch (error) {
        deps.log.error({ err: error, swarmId }, 'The sweep could not look after a swarm');
      }
    });
    if (page.length < SWEEP_BATCH) return;
    // What left the index moved the rest forward.
    offset += page.length - removed;
  }
}

/** What is only counted: a Redis that is full refuses it, and the swarms are looked after all the same. */
async function keepCounts(deps: SweepDeps): Promise<void> {
  try {
    await forgetEnded(deps, PLACES_PER_SWEEP);
    await recountStorage(deps, STORAGE_PER_SWEEP);
  } catch (error) {
    deps.log.warn({ err: error }, 'What swarms store could not be counted; the next sweep tries again');
  }
}

/**
 * Looks at one swarm and mends what is broken.
 * @returns whether it left the index
 */
export async function sweepSwarm(deps: SweepDeps, swarmId: string, away?: AwayMemory): Promise<boolean> {
  if (!isSwarmId(swarmId)) {
    // Nothing of ours: no key can be built from it.
    await deps.ledger.redis.zrem(deps.ledger.keys.activeSwarms, swarmId);
    await report(deps, swarmId, { verdict: 'ghost' });
    return true;
  }
  const look = () => gatherEvidence(deps, swarmId);
  const evidence = await (away?.watch(look) ?? look());
  const { runningCount, planLeaseUntil } = evidence.observed;
  if (runningCount > 0 || planLeaseUntil !== undefined) await keepPulse(deps.ledger, swarmId);
  let left = false;
  for (const finding of judgeSwarm(evidence)) {
    if (finding.verdict === 'lease-expired' && away?.lately()) continue;
    if (!(await repair(deps, swarmId, finding, evidence.observed.now))) continue;
    if (finding.verdict === 'finished' || finding.verdict === 'ghost') left = true;
    await report(deps, swarmId, finding);
  }
  return left;
}

/** Counts a repair, logs it, and tells the swarm's owner what concerns them. */
export async function report(deps: SweepDeps, swarmId: string, finding: Finding): Promise<void> {
  const { verdict } = finding;
  deps.metrics.sweepVerdicts.inc({ verdict });
  const task = 'task' in finding ? { taskId: finding.task.id, attempt: finding.task.attempt } : {};
  // Retiring a finished swarm is the sweep's daily work, not a repair.
  const level = verdict === 'finished' ? 'debug' : 'warn';
  deps.log[level]({ event: 'sweep.repaired', verdict, swarmId, ...task }, `Sweep: ${verdict}`);
  const message = TOLD[verdict];
  if (message === undefined) return;
  await appendLog(deps.ledger, swarmId, {
    level: 'warn',
    source: 'scheduler',
    message,
    ...('task' in finding ? { taskId: finding.task.id } : {}),
  });
}
