import type { Stack } from '@claude-flow/local-stack/stack';

export interface AddressOptions {
  stack: Pick<Stack, 'apiUrls' | 'redis' | 'redisUrl' | 'mockUrl'>;
  /** Of every key in Redis, when it is not the usual one. */
  redisPrefix?: string | undefined;
  /** With authentication on. */
  key?: string | undefined;
}

/** One that a reader of the first lines can act on: it works as it is. */
const BODY = `{"objective": "Compare three message queues for a small team", "autoStart": true}`;

/**
 * Where everything is, and the first lines to paste. The address of a Redis of the user's own may hold a password and
 * is not repeated.
 */
export function addressLines({ stack, redisPrefix, key }: AddressOptions): string[] {
  const api = stack.apiUrls[0] ?? '';
  const own = stack.redis === undefined;
  const prefix = redisPrefix === undefined ? '' : ` REDIS_PREFIX=${redisPrefix}`;
  const header = key === undefined ? '' : ` -H 'X-API-Key: ${key}'`;
  return [
    `API          ${api}`,
    `API docs     ${api}/docs`,
    `Queue board  ${api}/admin/queues`,
    own ? `Redis        yours, of REDIS_URL${prefix}` : `Redis        REDIS_URL=${stack.redisUrl}${prefix}`,
    stack.mockUrl === undefined
      ? 'Model        yours'
      : `Model        simulated: ANTHROPIC_BASE_URL=${stack.mockUrl}; set ANTHROPIC_API_KEY to use Claude`,
    ...(key === undefined ? [] : [`Key          ${key} (an administrator's, for as long as this runs)`]),
    '',
    'A first call:',
    `  curl -s ${api}/api/swarm/create -H 'content-type: application/json'${header} -d '${BODY}'`,
    '',
  ];
}
