import { connectRedis } from '@claude-flow/core/redis/connect';
import { TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
import { createLedger } from '@claude-flow/core/store/ledger';
import { startStack } from '@claude-flow/local-stack/stack';
import { percentile } from '../engine/measure.ts';
import type { Fault } from './fault.ts';
import { schedulerAndWorkerKilled, schedulerKilled, workerFrozen, workerKilled } from './process-faults.ts';
import { allReset, redisCutOff, redisFull, redisKilled, redisTorn } from './redis-faults.ts';
import { schedulerResetAsItTakes, schedulersReset, workerResetAsItTakes } from './reset-faults.ts';
import { createScene, type Scene } from './scene.ts';

/** Rounds of a fault; of one that takes long (a lease, or Redis's time away and the grace after it), fewer. */
const ROUNDS = Number(process.env['RECOVERY_ROUNDS'] ?? 20);
/** Names of faults, with commas between them; all without it. */
const WANTED = process.env['RECOVERY_FAULTS'];

interface Row {
  what: string;
  fault: Fault;
  /** Of all rounds. */
  share: number;
  target: string;
}

const FAULTS: Record<string, Row> = {
  'worker-killed': {
    what: 'worker killed -> next attempt starts',
    fault: workerKilled,
    share: 1,
    target: '1 s / 2 s',
  },
  'both-killed': {
    what: 'worker and a scheduler killed -> next attempt starts',
    fault: schedulerAndWorkerKilled,
    share: 1,
    target: '- / 5 s',
  },
  'scheduler-killed': {
    what: 'scheduler killed while it plans -> plan',
    fault: schedulerKilled,
    share: 1,
    target: '- / 5 s',
  },
  'schedulers-reset': {
    what: 'connections of the schedulers reset -> plan',
    fault: schedulersReset,
    share: 1,
    target: '- / 5 s',
  },
  'plan-request-lost': {
    what: 'scheduler reset as it takes a plan request -> plan',
    fault: schedulerResetAsItTakes,
    share: 1,
    target: '- / 5 s',
  },
  'delivery-lost': {
    what: 'worker reset as it takes a task -> task starts',
    fault: workerResetAsItTakes,
    share: 1,
    target: '- / 5 s',
  },
  'all-reset': {
    what: 'connections of schedulers and workers reset -> next progress',
    fault: allReset,
    share: 1,
    target: '- / 5 s',
  },
  'redis-killed': {
    what: 'Redis killed and back -> next progress',
    fault: redisKilled,
    share: 0.25,
    target: '- / 5 s',
  },
  'redis-torn': {
    what: 'Redis loses power in a write, and back -> next progress',
    fault: redisTorn,
    share: 0.5,
    target: '- / 5 s',
  },
  'redis-full': {
    what: 'Redis full, and no more -> next progress',
    fault: redisFull,
    share: 0.5,
    target: '- / 5 s',
  },
  'redis-cut-off': {
    what: 'Redis cut off, and back -> next progress',
    fault: redisCutOff,
    share: 0.5,
    target: '- / 5 s',
  },
  'worker-frozen': {
    what: 'worker frozen (machine lost) -> next attempt starts',
    fault: workerFrozen,
    share: 0.25,
    target: '- / 15 s',
  },
};

/** Breaks parts of a real system again and again, and tells how long it took to go on. Milliseconds. */
export async function main(): Promise<void> {
  const names = WANTED?.split(',') ?? Object.keys(FAULTS);
  const chosen = names.map((name) => {
    const row = FAULTS[name];
    if (row === undefined)
      throw new Error(`RECOVERY_FAULTS: there is no fault "${name}". There is: ${Object.keys(FAULTS)}.`);
    return row;
  });
  // They start behind proxies.
  const stack = await startStack({ schedulers: 0, workers: 0, model: { kind: 'mock', latencyMs: 50 } });
  const own = stack.redis;
  if (own === undefined) throw new Error('The stack has no Redis of its own.');
  const redis = await connectRedis({ url: stack.redisUrl, name: 'claude-flow-bench', mode: 'patient' });
  const scene = createScene(stack, own, createLedger({ redis, prefix: 'cf' }));
  try {
    const rows: Record<string, string | number>[] = [];
    for (const row of chosen) rows.push(await measure(scene, row));
    console.log(`Recovery in ms; lease ${TASK_LEASE_MS} ms.`);
    console.table(rows);
  } finally {
    redis.disconnect();
    await scene.close();
  }
}

async function measure(scene: Scene, { what, fault, share, target }: Row) {
  const tookMs: number[] = [];
  const rounds = Math.max(1, Math.ceil(ROUNDS * share));
  for (let round = 0; round < rounds; round += 1) {
    await scene.settled();
    await scene.model({});
    tookMs.push(...(await fault(scene, round, rounds)));
  }
  return {
    fault: what,
    samples: tookMs.length,
    p50: Math.round(percentile(tookMs, 0.5)),
    p99: Math.round(percentile(tookMs, 0.99)),
    most: Math.round(Math.max(...tookMs)),
    'target p50 / p99': target,
  };
}
