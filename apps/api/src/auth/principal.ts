/** What a caller may do. `keys:manage` comes with keys that the API gives out itself. */
export const RIGHTS = ['swarms:read', 'swarms:write', 'queues:admin'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who a request comes from. */
export interface Principal {
  /** Swarms belong to owners; derived from the key, never the key itself. */
  owner: string;
  rights: readonly Right[];
  /** Other owners' swarms exist for this caller too. */
  seesAll: boolean;
}

export const USER_RIGHTS: readonly Right[] = ['swarms:read', 'swarms:write'];

export function isRight(text: unknown): text is Right {
  return (RIGHTS as readonly unknown[]).includes(text);
}

export function mayAct(principal: Principal, right: Right): boolean {
  return principal.rights.includes(right);
}
