import type { readLogs } from '@claude-flow/core/store/logs';
import { iso } from '../http/time.ts';

type LogLine = Awaited<ReturnType<typeof readLogs>>[number];

export function logView(swarmId: string, line: LogLine) {
  const { at, level, source, message, taskId } = line;
  return {
    timestamp: iso(at),
    level,
    source,
    message,
    swarmId,
    ...(taskId === undefined ? {} : { taskId }),
  };
}
