import { isRight } from '@claude-flow/api/auth/principal';
import type { ApiHost } from '@claude-flow/api/start-api';
import type { ApiKeyManager } from './api-key-manager.ts';

/** No id of a stored key begins so. */
const OWN = 'program:';

/** The API's callers with a key of the program's own manager. A permission that the API does not know allows nothing. */
export function knownByManager(manager: ApiKeyManager): Required<Pick<ApiHost, 'identify' | 'stands'>> {
  return {
    async identify({ apiKey, bearer }) {
      for (const key of [apiKey, bearer]) {
        const keyData = key === undefined ? undefined : manager.identify(key);
        if (keyData === undefined) continue;
        const { id, userId, permissions } = keyData;
        const rights = permissions.filter(isRight);
        return { owner: `user:${userId}`, rights, seesAll: false, by: 'key', keyId: `${OWN}${id}` };
      }
      return undefined;
    },
    stands: (keyId) => (keyId.startsWith(OWN) ? manager.stands(keyId.slice(OWN.length)) : undefined),
  };
}
