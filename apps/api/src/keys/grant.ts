import type { ApiKeyRecord, NewApiKey } from '@claude-flow/core/store/api-keys';
import { isRight, mayAct, type Principal, type Right, USER_RIGHTS } from '../auth/principal.ts';
import { ApiError } from '../http/errors/api-error.ts';

const DAY_MS = 24 * 3_600_000;
/** Without authentication anybody is `local`, also a page that got through to this machine: its keys do not last. */
const LOCAL_KEY_DAYS = 1;
/** A key that makes a key that makes a key: more than this is a loop. */
const MAX_ANCESTORS = 8;

export interface KeyWish {
  name: string;
  permissions?: Right[] | undefined;
  expiresInDays?: number | undefined;
  owner?: string | undefined;
  admin?: boolean | undefined;
}

/**
 * The key that a caller may make of this wish: nobody gives more than they have, nor for longer.
 * @param maxDays KEY_MAX_DAYS: how long keys may live at most, and how long those may that are made with a token
 * @throws ApiError `permission_denied`
 */
export function grantedKey(
  caller: Principal,
  wish: KeyWish,
  now: number,
  maxDays: number | undefined,
): NewApiKey {
  const admin = wish.admin ?? false;
  const usual = (admin ? caller.rights : USER_RIGHTS).filter((right) => mayAct(caller, right));
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
  const { keyId, ancestors = [] } = caller;
  const line = keyId === undefined ? [] : [keyId, ...ancestors];
  if (line.length > MAX_ANCESTORS) {
    throw denied(
      `Keys make keys at most ${MAX_ANCESTORS} times in a row. Use a key nearer to the first one.`,
    );
  }
  return {
    name: wish.name,
    owner,
    admin,
    permissions: [...new Set(permissions)],
    createdAt: now,
    createdBy: makerOf(caller),
    ancestors: line,
    expiresAt: endOf(caller, wish, now, maxDays),
  };
}

function makerOf({ by, keyId, owner }: Principal): string {
  // The owner of a key of the environment is made from its digest.
  return by === 'environment' || by === 'local' ? by : (keyId ?? owner);
}

function endOf(
  caller: Principal,
  { expiresInDays }: KeyWish,
  now: number,
  maxDays: number | undefined,
): number | undefined {
  const after = (days: number) => Math.round(now + days * DAY_MS);
  const bounds: { at: number; sentence: string }[] = [];
  if (caller.by === 'local')
    bounds.push({
      at: after(LOCAL_KEY_DAYS),
      sentence:
        'Without authentication (AUTH_ENABLED) a key lasts a day at most. Make a lasting one with pnpm run key:create.',
    });
  if (caller.expiresAt !== undefined && !(caller.by === 'token' && maxDays !== undefined))
    bounds.push({
      at: caller.expiresAt,
      sentence: `A key ends no later than the ${caller.by === 'token' ? 'token' : 'key'} that makes it. Ask for fewer expiresInDays, or leave it out.`,
    });
  if (maxDays !== undefined)
    bounds.push({
      at: after(maxDays),
      sentence: `A key lasts ${maxDays} days at most here (KEY_MAX_DAYS). Ask for fewer expiresInDays, or leave it out.`,
    });
  const [nearest] = bounds.toSorted((one, other) => one.at - other.at);
  if (expiresInDays === undefined) return nearest?.at;
  const wished = after(expiresInDays);
  if (nearest !== undefined && wished > nearest.at) throw denied(nearest.sentence);
  return wished;
}

/**
 * Nobody revokes a key that may do more than they may themselves.
 * @throws ApiError `permission_denied`
 */
export function checkRevocation(caller: Principal, record: ApiKeyRecord): void {
  const more = record.permissions.filter((right) => isRight(right) && !mayAct(caller, right));
  if (record.admin && !caller.seesAll) throw denied('Only an administrator revokes an administrator’s key.');
  if (more.length === 0) return;
  throw denied(`You cannot revoke a key that has the permission ${more.join(', ')}, which you do not have.`);
}

const denied = (message: string) => new ApiError('permission_denied', message);
