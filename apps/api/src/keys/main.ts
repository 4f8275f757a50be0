import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { commonEnv, loadConfig } from '@claude-flow/core/runtime/config';
import { redisTlsOf } from '@claude-flow/core/runtime/redis-tls';
import { redisAddress } from '@claude-flow/core/runtime/redis-url';
import { runMain } from '@claude-flow/core/runtime/run-main';
import { createApiKey } from '@claude-flow/core/store/api-keys';
import { createLedger } from '@claude-flow/core/store/ledger';
import { ownerOfName } from '@claude-flow/core/store/owner-names';
import { whereRedisIs } from '@claude-flow/local-stack/running-stacks';
import { z } from 'zod';
import { type KeyOptions, readOptions, USAGE } from './options.ts';

const EXIT_USAGE = 2;
const DAY_MS = 24 * 3_600_000;

/** Without REDIS_URL: the Redis of the system that this user runs with `pnpm start`, `dev` or `demo --keep`. */
const variables = () =>
  whereRedisIs(process.env, (sentence) => process.stderr.write(`key:create: ${sentence}\n`)).catch(
    (error) => {
      throw new ClaudeFlowError('config_invalid', errorMessage(error));
    },
  );

/** Makes a key beside the API, for the first administrator. The key is the only thing on stdout. */
runMain('key:create', async () => {
  let options: KeyOptions | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`key:create: ${errorMessage(error)}\nTry: pnpm run key:create --help\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const env = loadConfig(z.object(commonEnv), await variables());
  const tls = redisTlsOf(env);
  const redis = await connectRedis({ url: env.REDIS_URL, tls, name: 'claude-flow-key', mode: 'prompt' });
  try {
    const now = Date.now();
    const { name, owner, admin, permissions, expiresInDays } = options;
    const ledger = createLedger({ redis, prefix: env.REDIS_PREFIX });
    const stored = await ownerOfName(ledger, owner);
    if (stored === undefined) {
      throw new ClaudeFlowError(
        'config_invalid',
        `--owner: no key of the environment has the name ${owner}.`,
      );
    }
    const { secret, record } = await createApiKey(ledger, {
      name,
      owner: stored,
      admin,
      permissions: [...permissions],
      createdAt: now,
      createdBy: 'command',
      expiresAt: expiresInDays === undefined ? undefined : Math.round(now + expiresInDays * DAY_MS),
    });
    process.stderr.write(
      `Made ${record.id} (${name}) at ${redisAddress(env.REDIS_URL)}, for the owner ${owner}${admin ? ', an administrator' : ''}. ` +
        'Keep the key: it is not shown again.\n',
    );
    process.stdout.write(`${secret}\n`);
  } finally {
    redis.disconnect();
  }
});
