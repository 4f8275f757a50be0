/** One change of a swarm. */
export interface SwarmEvent {
  /** 1, 2, 3 ... per swarm, without a gap. */
  seq: number;
  /** With it, `seq` names this event and no other, even if the server's data should have gone back in time. */
  epoch: number;
  /** E.g. `task.completed`. New ones may come: ignore those you do not know. */
  type: string;
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  swarmId: string;
  taskId?: string;
  agentId?: string;
  attempt?: number;
  data: Record<string, unknown>;
}

/**
 * The place where a reader stood is gone: trimmed away, or of data that the server lost. What was known of the swarm has
 * to be read anew (`getSwarm`); events go on from `firstSeq`, some of them possibly for a second time.
 */
export interface Resync {
  swarmId: string;
  /** Of the newest event. */
  epoch: number;
  firstSeq: number;
  /** The newest event's. */
  seq: number;
}

/**
 * Types of the events after which nothing more happens to a swarm.
 * @example
 * console.log(FINAL_EVENTS.includes('swarm.completed'));
 */
export const FINAL_EVENTS: readonly string[] = ['swarm.completed', 'swarm.failed', 'swarm.stopped'];
