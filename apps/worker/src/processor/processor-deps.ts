import type Anthropic from '@anthropic-ai/sdk';
import type { Completer } from '@claude-flow/core/queue/completer';
import type { Queues } from '@claude-flow/core/queue/queues';
import type { WorkerPlaces } from '@claude-flow/core/queue/worker-places';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import type { Ledger } from '@claude-flow/core/store/ledger';
import type { ModelChoice } from '@claude-flow/llm/models';
import type { ThinkingMode } from '@claude-flow/llm/thinking';
import type { LeaseKeeper } from '../lease/lease-keeper.ts';
import type { OwnResources } from '../own-resources.ts';
import type { SearchService } from '../tools/search-service.ts';
import type { Room } from '../workspace/room.ts';
import type { AttemptOutcome } from './attempt-outcome.ts';
import type { Suspects } from './suspects.ts';

/** What running tasks takes. */
export interface ProcessorDeps {
  ledger: Ledger;
  queues: Queues;
  completer: Completer;
  client: Anthropic;
  metrics: Metrics;
  log: Logger;
  keeper: LeaseKeeper;
  workerId: string;
  /** What this process used when it was measured last. */
  used(): OwnResources;
  /** The folder in which workspaces are made. */
  workspaceHome: string;
  models: ModelChoice;
  thinking: ThinkingMode;
  /** Output tokens of one turn at most. */
  maxOutputTokens: number;
  cacheControl: 'auto' | 'on' | 'off';
  /** A free one means that the queue has nothing for it. */
  places: WorkerPlaces;
  /** Places that other workers have free: what they could begin is left to the queue. */
  othersFree(): number;
  /** One thread for the searches of all tasks. */
  search: SearchService;
  suspects: Suspects;
  /** Full: no task is taken, nor asked for. */
  room: Room;
  /** Aborted when this worker stops: agents end at their next turn boundary. */
  drain: AbortSignal;
  /** Stands around every attempt, for programs that run a worker inside themselves; `run` does the attempt. */
  execute?(which: ExecutedTask, run: () => Promise<AttemptOutcome>): Promise<AttemptOutcome>;
}

export interface ExecutedTask {
  swarmId: string;
  taskId: string;
  attempt: number;
}
