/** What a caller may do. */
export const RIGHTS = ['swarms:read', 'swarms:write', 'keys:manage', 'queues:admin', 'system:read'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who a request comes from. */
export interface Principal {
  /** Swarms belong to owners; derived from the key, never the key itself. */
  owner: string;
  rights: readonly Right[];
  /** Other owners' swarms exist for this caller too. */
  seesAll: boolean;
  /** Of a stored key, which may be revoked at any time. */
  keyId?: string;
  /** The stored keys that made it, its maker first. */
  ancestors?: readonly string[];
  /** What let the caller in. */
  by?: 'key' | 'environment' | 'token' | 'local';
  /** Milliseconds since 1970, from when on this is nobody any more. */
  expiresAt?: number;
}

export const USER_RIGHTS: readonly Right[] = ['swarms:read', 'swarms:write'];

export function isRight(text: unknown): text is Right {
  return (RIGHTS as readonly unknown[]).includes(text);
}

/** Whoever sees the queues may see the system's figures too: keys that were made before there was a right for them go on working. */
const INCLUDED_IN: Partial<Record<Right, Right>> = { 'system:read': 'queues:admin' };

export function mayAct(principal: Pick<Principal, 'rights'>, right: Right): boolean {
  const wider = INCLUDED_IN[right];
  return principal.rights.includes(right) || (wider !== undefined && principal.rights.includes(wider));
}
