import { connectRedis } from '@claude-flow/core/redis/connect';
import { TASK_LEASE_MS } from '@claude-flow/core/runtime/tunables';
import { createLedger } from '@claude-flow/core/store/ledger';
import { startStack } from '@claude-flow/local-stack/stack';
import { percentile } from '../engine/measure.ts';
import {
  type Fault,
  redisKilled,
  schedulerAndWorkerKilled,
  schedulerKilled,
  workerFrozen,
  workerKilled,
} from './faults.ts';
import { createScene, type Scene } from './scene.ts';

/** Rounds of a fault; of a slow one (a lease, ten seconds), a quarter. */
const ROUNDS = Number(process.env['RECOVERY_ROUNDS'] ?? 20);

const FAULTS: { name: string; fault: Fault; rounds: number; target: string }[] = [
  { name: 'worker killed -> next attempt starts', fault: workerKilled, rounds: ROUNDS, target: '1 s / 2 s' },
  {
    name: 'worker and a scheduler killed -> next attempt starts',
    fault: schedulerAndWorkerKilled,
    rounds: Math.ceil(ROUNDS / 2),
    target: '- / 5 s',
  },
  {
    name: 'scheduler killed while it plans -> plan',
    fault: schedulerKilled,
    rounds: Math.ceil(ROUNDS / 4),
    target: '- / 5 s',
  },
  {
    name: 'Redis killed and back -> next event',
    fault: redisKilled,
    rounds: Math.ceil(ROUNDS / 4),
    target: '- / 5 s',
  },
  {
    name: 'worker frozen (machine lost) -> next attempt starts',
    fault: workerFrozen,
    rounds: Math.ceil(ROUNDS / 4),
    target: '- / 15 s',
  },
];

/** Kills parts of a real system again and again, and tells how long it took to go on. Milliseconds. */
export async function main(): Promise<void> {
  const stack = await startStack({ schedulers: 2, workers: 3, model: { kind: 'mock', latencyMs: 50 } });
  const redis = await connectRedis({ url: stack.redisUrl, name: 'claude-flow-bench', mode: 'patient' });
  try {
    const scene = createScene(stack, createLedger({ redis, prefix: 'cf' }));
    const rows: Record<string, string | number>[] = [];
    for (const { name, fault, rounds, target } of FAULTS)
      rows.push(await measure(scene, name, fault, rounds, target));
    console.log(`Recovery in ms; lease ${TASK_LEASE_MS} ms.`);
    console.table(rows);
  } finally {
    redis.disconnect();
    await stack.stop();
  }
}

async function measure(scene: Scene, name: string, fault: Fault, rounds: number, target: string) {
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await scene.settled();
    tookMs.push(await fault(scene, round));
  }
  return {
    fault: name,
    rounds,
    p50: Math.round(percentile(tookMs, 0.5)),
    p99: Math.round(percentile(tookMs, 0.99)),
    most: Math.round(Math.max(...tookMs)),
    'target p50 / p99': target,
  };
}
