import { isTerminalSwarm, type SwarmStatus } from '../domain/states.ts';
import { OUTCOME } from '../redis/outcomes.ts';
import type { ScriptReply } from '../redis/scripts.ts';
import type { Ledger } from './ledger.ts';

/** What the ledger says of a swarm's work, as of its event number `seq`. */
export interface SwarmLoad {
  swarmId: string;
  /** `unstarted`: planning or ready without a start, or there is no such swarm (`seq` -1). */
  state: 'started' | 'unstarted' | 'ended';
  owner: string;
  seq: number;
  /** Attempts queued or running. */
  busy: number;
  /** Tasks that could be queued now, by what is ready and by the swarm's own limit of agents. */
  wanted: number;
  /** When the first back-off ends, milliseconds since 1970. */
  nextRetryAt?: number;
}

/** Elements of a script's reply that tell the load, its outcome included. */
export const LOAD_LENGTH = 8;

/** Reads what admission has to know of a swarm. */
export async function readSwarmLoad(ledger: Ledger, swarmId: string): Promise<SwarmLoad> {
  return parseSwarmLoad(swarmId, await ledger.scripts.run(ledger.redis, 'swarm-load', { swarmId }, {}));
}

/** The reply of `swarm-load`, or the beginning of that of `dispatch`. */
export function parseSwarmLoad(swarmId: string, reply: ScriptReply): SwarmLoad {
  const [outcome, status, owner, seq, startRequested, busy, wanted, nextRetryAt] = reply;
  if (outcome !== OUTCOME.ok) {
    return { swarmId, state: 'unstarted', owner: '', seq: -1, busy: 0, wanted: 0 };
  }
  const retryAt = Number(nextRetryAt);
  return {
    swarmId,
    state: stateOf(status as SwarmStatus, startRequested === 1),
    owner: String(owner),
    seq: Number(seq),
    busy: Number(busy),
    wanted: Number(wanted),
    ...(retryAt > 0 ? { nextRetryAt: retryAt } : {}),
  };
}

function stateOf(status: SwarmStatus, startRequested: boolean): SwarmLoad['state'] {
  if (isTerminalSwarm(status)) return 'ended';
  return status === 'executing' || status === 'paused' || startRequested ? 'started' : 'unstarted';
}
