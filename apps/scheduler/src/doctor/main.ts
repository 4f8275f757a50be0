import { ClaudeFlowError, errorMessage } from '@claude-flow/core/domain/errors';
import { createQueues } from '@claude-flow/core/queue/queues';
import { connectRedis } from '@claude-flow/core/redis/connect';
import { commonEnv, loadConfig } from '@claude-flow/core/runtime/config';
import { createLogger } from '@claude-flow/core/runtime/logger';
import { createMetrics } from '@claude-flow/core/runtime/metrics';
import { redisTlsEnv, redisTlsOf } from '@claude-flow/core/runtime/redis-tls';
import { runMain } from '@claude-flow/core/runtime/run-main';
import { createLedger } from '@claude-flow/core/store/ledger';
import { whereRedisIs } from '@claude-flow/local-stack/running-stacks';
import { z } from 'zod';
import type { SweepDeps } from '../loops/sweep/sweep.ts';
import { examine } from './examine.ts';
import { readOptions, USAGE } from './options.ts';
import { linesOf, stateIn, table } from './print.ts';
import { treat } from './treat.ts';

const envSchema = z.object({
  REDIS_URL: commonEnv.REDIS_URL,
  REDIS_PREFIX: commonEnv.REDIS_PREFIX,
  ...redisTlsEnv,
});

/** Without REDIS_URL: the Redis of the system that this user runs with `pnpm start`, `dev` or `demo --keep`. */
const variables = () =>
  whereRedisIs(process.env, (sentence) => process.stderr.write(`doctor: ${sentence}\n`)).catch((error) => {
    throw new ClaudeFlowError('config_invalid', errorMessage(error));
  });

runMain('doctor', async () => {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stderr.write(`doctor: ${options}\nTry: pnpm run doctor --help\n`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const env = loadConfig(envSchema, await variables());
  const tls = redisTlsOf(env);
  const redis = await connectRedis({ url: env.REDIS_URL, tls, name: 'claude-flow-doctor', mode: 'prompt' });
  const ledger = createLedger({ redis, prefix: env.REDIS_PREFIX });
  const queues = createQueues(redis, ledger.keys.queuePrefix, () => undefined);
  try {
    const log = createLogger({ service: 'doctor', level: 'silent' });
    process.exitCode = await run({ ledger, queues, metrics: createMetrics('doctor'), log }, options);
  } finally {
    await queues.close();
    redis.disconnect();
  }
});

/** @returns the exit code */
async function run(deps: SweepDeps, options: { repair: boolean; json: boolean }): Promise<number> {
  const { found, left } = options.repair ? await treat(deps) : await looked(deps);
  const lines = linesOf(found, options.repair ? stateIn(left) : () => 'found');
  if (options.json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  else if (lines.length > 0) process.stdout.write(`${table(lines)}\n`);
  process.stderr.write(`${summary(found.length, left.length, options.repair)}\n`);
  return left.length === 0 ? 0 : 1;
}

async function looked(deps: SweepDeps) {
  const found = await examine(deps);
  return { found, left: found };
}

function summary(found: number, left: number, repaired: boolean): string {
  if (found === 0) return 'Nothing is wrong.';
  const things = (count: number) => (count === 1 ? '1 thing is' : `${count} things are`);
  if (!repaired) return `${things(found)} wrong. Run it again with --repair to mend that.`;
  if (left === 0) return `${things(found)} mended.`;
  return `${things(left)} still wrong, of ${found}. Is the Redis of REDIS_URL well, and does a scheduler run?`;
}
