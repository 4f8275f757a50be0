/** What an API key or token may do. */
export type Permission = 'swarms:read' | 'swarms:write' | 'keys:manage' | 'queues:admin' | 'system:read';

/** What a new API key may do and how long it lasts. */
export interface CreateKeyOptions {
  /** At most your own. Default: `swarms:read` and `swarms:write`, as far as you have them. */
  permissions?: Permission[];
  /** Default: as long as your own key or token, or as the server allows. */
  expiresInDays?: number;
  /** Whose swarms the key reaches. Default: yours; another one only by an administrator. */
  owner?: string;
  /** Sees everybody's swarms and keys; only by an administrator. */
  admin?: boolean;
  signal?: AbortSignal;
}

/** A stored API key, without the key itself. */
export interface ApiKey {
  keyId: string;
  name: string;
  owner: string;
  permissions: Permission[];
  admin: boolean;
  createdAt: string;
  /** Who made it: a key's id, the subject of a token, `environment`, `command` or `local`; null for keys of older releases. */
  createdBy: string | null;
  expiresAt: string | null;
  /** Some seconds behind, like `useCount`. */
  lastUsedAt: string | null;
  useCount: number;
}

/** Answer of `createKey`. */
export interface CreatedKey {
  keyId: string;
  /** Shown here and never again. */
  key: string;
  message: string;
  data: ApiKey;
  timestamp: string;
}

/** Answer of `listKeys`: one page. Give `nextCursor` as `cursor` for the next; null on the last. */
export interface KeyListAnswer {
  keys: ApiKey[];
  count: number;
  nextCursor: string | null;
}

/** Answer of `revokeKey`. */
export interface RevokedKey {
  keyId: string;
  status: 'revoked';
  message: string;
  timestamp: string;
}
