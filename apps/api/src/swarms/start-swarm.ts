import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { returnPlace, takePlace } from '@claude-flow/core/queue/places';
import { getSwarmState, resumeSwarm, startSwarm } from '@claude-flow/core/store/swarms';
import type { ApiDeps } from '../http/deps.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { dispatchSoon } from './dispatch-soon.ts';

type StartDeps = Pick<ApiDeps, 'config' | 'ledger' | 'queues' | 'log'>;

/** Seconds until another start may do better: swarms of a few tasks take longer, yet with many at work one ends soon. */
const RETRY_AFTER_S = 5;

/**
 * Takes a place for a swarm that is about to be started.
 * @param repeated it may be there, and started, already: then nothing is asked for
 * @throws ApiError `limit_exceeded`
 */
export async function placeForStart(
  deps: StartDeps,
  swarm: { swarmId: string; owner: string },
  repeated: boolean,
): Promise<void> {
  if (repeated && (await wasStarted(deps, swarm.swarmId))) return;
  try {
    await takePlace(deps, swarm, { all: deps.config.maxSwarms, owner: deps.config.maxSwarmsPerOwner });
  } catch (error) {
    if (!(error instanceof ClaudeFlowError && error.code === 'limit_exceeded')) throw error;
    throw new ApiError('limit_exceeded', error.message, { retryAfter: RETRY_AFTER_S });
  }
}

async function wasStarted({ ledger }: StartDeps, swarmId: string): Promise<boolean> {
  const swarm = await getSwarmState(ledger, swarmId);
  if (swarm === undefined) return false;
  return !(swarm.status === 'ready' || (swarm.status === 'planning' && !swarm.startRequested));
}

/**
 * Starts a swarm that has its place, and sends its tasks on.
 * @throws ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`
 */
export async function startInPlace(deps: StartDeps, swarmId: string): Promise<'executing' | 'planning'> {
  try {
    const status = await startSwarm(deps.ledger, swarmId);
    if (status === 'executing') dispatchSoon(deps, swarmId);
    return status;
  } catch (error) {
    await returnPlace(deps, swarmId).catch(() => undefined);
    throw error;
  }
}

/**
 * Lets a paused swarm go on. Its place may be another one's by now, so it takes one first.
 * @returns whether it was paused
 * @throws ApiError `limit_exceeded`; ClaudeFlowError `swarm_not_found`, `swarm_state_conflict`
 */
export async function resumeInPlace(deps: StartDeps, swarmId: string): Promise<boolean> {
  const swarm = await getSwarmState(deps.ledger, swarmId);
  if (swarm?.status === 'paused') await placeForStart(deps, { swarmId, owner: swarm.owner }, false);
  // A place that is not used is found free by itself, and may be that of somebody who resumes it at the same moment.
  const { changed } = await resumeSwarm(deps.ledger, swarmId);
  dispatchSoon(deps, swarmId);
  return changed;
}
