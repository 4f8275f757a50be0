import type { Ledger } from './ledger.ts';

/** Workers of one swarm whose use is kept: more would only make its record long. */
const MAX_WORKERS = 100;

/** Keeps what a worker uses while it does tasks of a swarm, if it is more than was seen before. */
export async function noteResources(
  ledger: Ledger,
  swarmId: string,
  use: { workerId: string; memoryBytes: number; cpu?: number | undefined },
): Promise<void> {
  const { workerId, memoryBytes, cpu = 0 } = use;
  await ledger.scripts.run(
    ledger.redis,
    'note-resources',
    { swarmId },
    { workerId, memoryBytes, cpu: cpu.toFixed(4), limit: MAX_WORKERS },
  );
}
