import type { ApiKeyRecord } from '@claude-flow/core/store/api-keys';
import type { OwnerNames } from '@claude-flow/core/store/owner-names';
import { iso } from '../http/time.ts';

/** A stored key as people see it: never the key itself, nor its digest. */
export function keyView(record: ApiKeyRecord, ownerNames: OwnerNames) {
  const { id, name, owner, permissions, admin, createdAt, createdBy, expiresAt, lastUsedAt, useCount } =
    record;
  return {
    keyId: id,
    name,
    owner: ownerNames.shown(owner),
    permissions,
    admin,
    createdAt: iso(createdAt),
    // Earlier releases wrote an owner here, also that of a key of the environment.
    createdBy: createdBy === undefined ? null : ownerNames.shown(createdBy),
    expiresAt: expiresAt === undefined ? null : iso(expiresAt),
    lastUsedAt: lastUsedAt === undefined ? null : iso(lastUsedAt),
    useCount,
  };
}
