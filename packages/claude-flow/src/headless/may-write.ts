import { ownSwarm } from '@claude-flow/api/auth/access';
import { mayAct, type Principal } from '@claude-flow/api/auth/principal';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import type { Engine } from './engine.ts';

/** Would the API's own routes let this caller write: at all, and in this swarm when one is named? */
export async function mayWrite(
  { api: { deps } }: Pick<Engine, 'api'>,
  principal: Principal,
  swarmId: string | undefined,
): Promise<boolean> {
  if (!mayAct(principal, 'swarms:write')) return false;
  if (swarmId === undefined) return true;
  try {
    await ownSwarm(deps.ledger, principal, swarmId);
    return true;
  } catch (error) {
    if (error instanceof ClaudeFlowError && error.code === 'swarm_not_found') return false;
    throw error;
  }
}
