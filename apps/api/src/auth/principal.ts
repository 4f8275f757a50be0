/** What a caller may do. */
export const RIGHTS = ['swarms:read', 'swarms:write', 'keys:manage', 'queues:admin'] as const;
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
  /** Milliseconds since 1970, from when on this is nobody any more. */
  expiresAt?: number;
}

export const USER_RIGHTS: readonly Right[] = ['swarms:read', 'swarms:write'];

export function isRight(text: unknown): text is Right {
  return (RIGHTS as readonly unknown[]).includes(text);
}

export function mayAct(principal: Principal, right: Right): boolean {
  return principal.rights.includes(right);
}
