import { createHash } from 'node:crypto';
import { ClaudeFlowError } from '../domain/errors.ts';
import { IDEMPOTENCY_TTL_S } from '../runtime/tunables.ts';
import { type Ledger, write } from './ledger.ts';

export interface KeyedRequest {
  owner: string;
  idempotencyKey: string;
  /** As it came: the key is bound to it. */
  body: string;
}

/** @returns what an earlier request with the same key and body wrote down; undefined when this is the first */
async function bind(ledger: Ledger, request: KeyedRequest, note: string): Promise<string | undefined> {
  const key = ledger.keys.idempotency(request.owner, request.idempotencyKey);
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  const value = `${note} ${bodyHash}`;
  const earlier = await write(ledger, key, ['SET', value, 'EX', IDEMPOTENCY_TTL_S, 'NX', 'GET']);
  if (typeof earlier !== 'string') return undefined;
  const [earlierNote, earlierHash] = earlier.split(' ');
  if (earlierNote === undefined || earlierHash !== bodyHash) {
    throw new ClaudeFlowError(
      'idempotency_conflict',
      'This Idempotency-Key was used with another body within the last 24 hours. Send a new key for a new request.',
    );
  }
  return earlierNote;
}

/**
 * Gives an idempotency key's swarm id: the one reserved by an earlier request with the same key and body, else `freshId`.
 * The reservation comes before the swarm, so that a crash in between leads a retry to the same id.
 * @throws ClaudeFlowError `idempotency_conflict` when the key was used with another body
 */
export async function reserveSwarmId(
  ledger: Ledger,
  request: KeyedRequest & { freshId: string },
): Promise<string> {
  return (await bind(ledger, request, request.freshId)) ?? request.freshId;
}

/**
 * Binds the key of a request that makes something within a swarm to its body.
 * @returns whether it was used before, and the request key under which the swarm remembers what was made
 * @throws ClaudeFlowError `idempotency_conflict` when the key was used with another body
 */
export async function bindRequestKey(
  ledger: Ledger,
  swarmId: string,
  request: KeyedRequest,
): Promise<{ used: boolean; requestKey: string }> {
  const idempotencyKey = `${swarmId}\n${request.idempotencyKey}`;
  const used = (await bind(ledger, { ...request, idempotencyKey }, 'within')) !== undefined;
  return { used, requestKey: createHash('sha256').update(request.idempotencyKey).digest('hex') };
}
