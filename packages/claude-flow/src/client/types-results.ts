import type { LogLevel, SwarmStatus, Usage } from './types.ts';

/** A file that a task left behind. `size` in bytes, `digest` sha256 in hex, `url` from the root of the server. */
export interface ArtifactFile {
  path: string;
  size: number;
  digest: string;
  url: string;
}

/** A file of which tasks left different versions. `message` explains it in a sentence. */
export interface FileConflict {
  path: string;
  /** `target`: where it lies in the archive; null when a later task replaced it. */
  versions: { taskId: string; target: string | null }[];
  /** The later task that knew the versions and left one of its own, at the path. */
  settledBy: string | null;
  message: string;
}

/** Answer of `getResults` and `waitForCompletion`. */
export interface ResultsAnswer {
  swarmId: string;
  status: SwarmStatus;
  results: {
    /** By task id. */
    outputs: Record<string, string>;
    /** By the key of each task, that of the caller's own graph included: its id. */
    keys: Record<string, string>;
    /** By task id; tasks without files are left out. */
    artifacts: Record<
      string,
      { key: string; diagrams: string[]; documents: string[]; files: ArtifactFile[] }
    >;
    /** Paths of which tasks that did not know of each other left different versions. */
    conflicts: FileConflict[];
    /** The closing report, when there is one. */
    summary: string | null;
    /** 0 to 1, null when nothing measured it. */
    overallQuality: number | null;
    /** Milliseconds from start to end, or until now. */
    totalExecutionTime: number;
    /** Busy time / (agents x wall time), 0 to 1. */
    efficiency: number | null;
    usage: Usage;
  };
}

/** Results of some tasks, in the order of their numbers. What takes all tasks to know is not in it. */
export interface ResultsPage extends Omit<ResultsAnswer, 'results'> {
  results: Omit<ResultsAnswer['results'], 'conflicts'>;
  /** Give it as `cursor` for the next page; null when this is the last. */
  nextCursor: string | null;
}

/** One line of a swarm's log. `timestamp` is ISO 8601 text. */
export interface LogLine {
  timestamp: string;
  level: LogLevel;
  source: string;
  message: string;
  swarmId: string;
  taskId?: string;
}

/** Answer of `getLogs`. */
export interface LogsAnswer {
  swarmId: string;
  logs: LogLine[];
  count: number;
}

/** A file and the task that produced it. */
export interface ArtifactInfo extends ArtifactFile {
  taskId: string;
  /** Of the task. */
  key: string;
}

/** Answer of `listArtifacts`. */
export interface ArtifactsAnswer {
  swarmId: string;
  artifacts: ArtifactInfo[];
  count: number;
  /** Of a page: give it as `cursor` for the next one. Null in an answer that is whole. */
  nextCursor: string | null;
}

/** Measured; null when there is nothing to measure yet. Shares are 0 to 1. */
export interface SwarmMetricsAnswer {
  swarmId: string;
  metrics: {
    /** Completed tasks per second. */
    throughput: number | null;
    /** Milliseconds that completed tasks took, mean. */
    latency: number | null;
    /** Busy time of all agents / (agents x time from the start). */
    efficiency: number | null;
    /** Completed / (completed + failed) tasks. */
    reliability: number | null;
    averageQuality: number | null;
    /** Of the workers that run its tasks at the moment: bytes, and cores. */
    resourceUtilization: { memory: number | null; cpu: number | null };
    /** Share of their lives that the agents were busy. */
    agentUtilization: number | null;
  };
}
