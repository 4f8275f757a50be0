import type { ApiKeyRecord } from '@claude-flow/core/store/api-keys';
import { iso } from './time.ts';

/** A stored key as people see it: never the key itself, nor its digest. */
export function keyView(record: ApiKeyRecord) {
  const { id, name, owner, permissions, admin, createdAt, createdBy, expiresAt, lastUsedAt, useCount } =
    record;
  return {
    keyId: id,
    name,
    owner,
    permissions,
    admin,
    createdAt: iso(createdAt),
    createdBy: createdBy ?? null,
    expiresAt: expiresAt === undefined ? null : iso(expiresAt),
    lastUsedAt: lastUsedAt === undefined ? null : iso(lastUsedAt),
    useCount,
  };
}
