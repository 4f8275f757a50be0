import { errorMessage } from '@claude-flow/core/domain/errors';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { appendLog, type LogLevel } from '@claude-flow/core/store/logs';

/** Lines about one task in its swarm's own log, which its owner reads. Nothing waits for them. */
export interface SwarmLog {
  write(level: LogLevel, message: string): void;
}

export function createSwarmLog(
  deps: { ledger: Ledger; log: Logger },
  task: { swarmId: string; taskId: string; source: string },
): SwarmLog {
  const { swarmId, taskId, source } = task;
  return {
    write(level, message) {
      appendLog(deps.ledger, swarmId, { level, source, message, taskId }).catch((error: unknown) =>
        deps.log.debug({ swarmId, taskId, reason: errorMessage(error) }, 'A line of the swarm log was lost'),
      );
    },
  };
}
