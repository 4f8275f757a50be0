export interface OwnResources {
  /** Resident memory, in bytes. */
  memoryBytes: number;
  /** Processors kept busy since the measurement before: 1 is one core all the time. Absent when no time has passed. */
  cpu?: number;
}

/** What this process uses, measured anew at each call; processor time since the call before. */
export function startMeasuring(): () => OwnResources {
  let [before, since] = [process.cpuUsage(), performance.now()];
  return () => {
    const [used, now] = [process.cpuUsage(before), performance.now()];
    const elapsedMs = now - since;
    [before, since] = [process.cpuUsage(), now];
    const memoryBytes = process.memoryUsage.rss();
    if (elapsedMs < 1) return { memoryBytes };
    return { memoryBytes, cpu: (used.user + used.system) / 1000 / elapsedMs };
  };
}
