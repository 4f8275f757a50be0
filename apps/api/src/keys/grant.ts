import type { NewApiKey } from '@claude-flow/core/store/api-keys';
import { mayAct, type Principal, type Right, USER_RIGHTS } from '../auth/principal.ts';
import { ApiError } from '../errors/api-error.ts';

const DAY_MS = 24 * 3_600_000;

export interface KeyWish {
  name: string;
  permissions?: Right[] | undefined;
  expiresInDays?: number | undefined;
  owner?: string | undefined;
  admin?: boolean | undefined;
}

/**
 * The key that a caller may make of this wish: nobody gives more than he has.
 * @throws ApiError `permission_denied`
 */
export function grantedKey(caller: Principal, wish: KeyWish, now: number): NewApiKey {
  const admin = wish.admin ?? false;
  const usual = admin ? caller.rights : USER_RIGHTS.filter((right) => mayAct(caller, right));
  const permissions = wish.permissions ?? usual;
  const lacking = permissions.filter((right) => !mayAct(caller, right));
  if (lacking.length > 0) {
    throw denied(`You cannot give the permission ${lacking.join(', ')}, which you do not have yourself.`);
  }
  const owner = wish.owner ?? caller.owner;
  if (owner !== caller.owner && !caller.seesAll) {
    throw denied(
      'Only an administrator makes keys for other owners. Leave owner out to make one for yourself.',
    );
  }
  if (admin && !caller.seesAll) throw denied('Only an administrator makes keys for administrators.');
  const wished = wish.expiresInDays === undefined ? undefined : Math.round(now + wish.expiresInDays * DAY_MS);
  const own = caller.keyId === undefined ? undefined : caller.expiresAt;
  if (own !== undefined && wished !== undefined && wished > own) {
    throw denied('A key that expires cannot make one that lives longer. Ask for fewer expiresInDays.');
  }
  return {
    name: wish.name,
    owner,
    admin,
    permissions: [...new Set(permissions)],
    createdAt: now,
    expiresAt: wished ?? own,
  };
}

const denied = (message: string) => new ApiError('permission_denied', message);
