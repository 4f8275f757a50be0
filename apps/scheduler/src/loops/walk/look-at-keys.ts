import { classifyKey, type KeyVerdict } from '@claude-flow/core/domain/stale';
import { isTerminalSwarm, type SwarmStatus } from '@claude-flow/core/domain/states';
import type { SwarmKeyParts } from '@claude-flow/core/redis/keys';
import type { Ledger } from '@claude-flow/core/store/ledger';
import { dropOwnerless, relistSwarm } from '@claude-flow/core/store/strays';

export interface KeyFinding extends SwarmKeyParts {
  verdict: Exclude<KeyVerdict, 'healthy'>;
  key: string;
  owner: string;
  createdAt: number;
}

/** What is wrong with these keys of swarms. A fault of the swarm, not of the key, is told once. */
export async function lookAtKeys(ledger: Ledger, found: readonly string[]): Promise<KeyFinding[]> {
  const findings = await Promise.all([...new Set(found)].map((key) => lookAtKey(ledger, key)));
  const told = new Set<string>();
  return findings
    .filter((finding) => finding !== undefined)
    .filter(({ verdict, swarmId, key }) => {
      const fault = verdict === 'ownerless' ? key : `${verdict} ${swarmId}`;
      return !told.has(fault) && told.add(fault);
    });
}

async function lookAtKey({ redis, keys }: Ledger, key: string): Promise<KeyFinding | undefined> {
  const parts = keys.parseSwarmKey(key);
  if (parts === undefined) return undefined;
  const { swarmId } = parts;
  const [meta, indexed, ttl] = await Promise.all([
    redis.hmget(keys.swarm(swarmId, 'meta'), 'id', 'status', 'owner', 'createdAt'),
    redis.zscore(keys.activeSwarms, swarmId),
    redis.pttl(key),
  ]);
  // -2: it went away in the meantime.
  if (ttl === -2) return undefined;
  const [id, status, owner, createdAt] = meta;
  const over = isTerminalSwarm((status ?? '') as SwarmStatus);
  const inLists = await Promise.all(
    [keys.ownerSwarms(owner ?? ''), ...(over ? [] : [keys.ownerActive(owner ?? '')])].map((list) =>
      redis.zscore(list, swarmId),
    ),
  );
  const listed = owner !== null && !inLists.includes(null);
  const verdict = classifyKey({
    swarmExists: typeof id === 'string',
    ...(typeof status === 'string' ? { status: status as SwarmStatus } : {}),
    inActiveIndex: indexed !== null,
    inOwnerIndex: listed,
    expires: ttl >= 0,
  });
  if (verdict === 'healthy') return undefined;
  return { ...parts, verdict, key, owner: owner ?? '', createdAt: Number(createdAt ?? '0') };
}

/** @returns whether anything was changed; what was mended in the meantime is left alone */
export async function repairKey(ledger: Ledger, finding: KeyFinding): Promise<boolean> {
  switch (finding.verdict) {
    case 'ownerless':
      return dropOwnerless(ledger, finding.swarmId, finding.key);
    case 'not-indexed':
    case 'no-expiry':
      // An ended swarm is put away by the next sweep, with the expiry of all its keys.
      return relistSwarm(ledger, ledger.keys.activeSwarms, finding);
    case 'not-listed':
      await relistSwarm(ledger, ledger.keys.allSwarms, finding);
      await relistSwarm(ledger, ledger.keys.ownerActive(finding.owner), finding);
      return relistSwarm(ledger, ledger.keys.ownerSwarms(finding.owner), finding);
    default:
      return finding.verdict satisfies never;
  }
}
