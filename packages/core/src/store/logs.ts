import { SWARM_LOG_LENGTH } from '../runtime/tunables.ts';
import type { Ledger } from './ledger.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface SwarmLogLine {
  level: LogLevel;
  /** Which part wrote it: `scheduler`, `worker`, or an agent's name. */
  source: string;
  message: string;
  taskId?: string;
}

/** Adds a line to the swarm's own log, as long as the swarm exists. */
export async function appendLog(ledger: Ledger, swarmId: string, line: SwarmLogLine): Promise<void> {
  await ledger.scripts.run(
    ledger.redis,
    'append-log',
    { swarmId },
    { line: JSON.stringify(line), maxLength: SWARM_LOG_LENGTH },
  );
}

/** The newest lines at or above a level, oldest of them first. */
export async function readLogs(
  ledger: Ledger,
  swarmId: string,
  options: { limit: number; level: LogLevel },
): Promise<(SwarmLogLine & { at: number })[]> {
  const least = LOG_LEVELS.indexOf(options.level);
  const entries = await ledger.redis.xrevrange(
    ledger.keys.swarm(swarmId, 'logs'),
    '+',
    '-',
    'COUNT',
    SWARM_LOG_LENGTH,
  );
  return entries
    .map(([, fields]) => ({ at: Number(fields[1]), ...(JSON.parse(fields[3] ?? '{}') as SwarmLogLine) }))
    .filter((line) => LOG_LEVELS.indexOf(line.level) >= least)
    .slice(0, options.limit)
    .reverse();
}
