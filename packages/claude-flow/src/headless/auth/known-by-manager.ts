import type { Authenticator } from '@claude-flow/api/auth/authenticator';
import { isRight, USER_RIGHTS } from '@claude-flow/api/auth/principal';
import type { ApiKeyManager } from './api-key-manager.ts';

/** The API's callers with a key of the program's own manager. A permission that the API does not know allows nothing. */
export function knownByManager(manager: ApiKeyManager): Authenticator['identify'] {
  return async ({ apiKey, bearer }) => {
    for (const key of [apiKey, bearer]) {
      const keyData = key === undefined ? undefined : manager.identify(key);
      if (keyData === undefined) continue;
      const { userId, permissions } = keyData;
      const rights = permissions.length === 0 ? USER_RIGHTS : permissions.filter(isRight);
      return { owner: `user:${userId}`, rights, seesAll: false };
    }
    return undefined;
  };
}
