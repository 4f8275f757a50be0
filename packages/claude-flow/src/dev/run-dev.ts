import { freePort, isPortFree } from '@claude-flow/local-stack/processes/free-port';
import type { Stack } from '@claude-flow/local-stack/stack';
import { addressLines } from '../local/addresses.ts';
import { announce } from '../local/announce.ts';
import type { Interrupts } from '../local/interrupts.ts';
import { chooseModel } from '../local/model-choice.ts';
import { ENDING, startOrAbort } from '../local/start.ts';
import { ignoredSentence, type LocalVariables, localVariables, portIn } from '../local/variables.ts';
import { surfaceOf } from '../terminal/surface.ts';
import { readableLog } from './log-line.ts';
import { DEFAULT_PORT } from './options.ts';

export interface DevDeps {
  env: NodeJS.ProcessEnv;
  stdout: NodeJS.WriteStream;
  say(line: string): void;
  interrupts: Interrupts;
}

const WORKERS = 2;
const NAME_WIDTH = 'mock-anthropic'.length;

interface StartOptions {
  watch: boolean;
  port: number;
  variables: LocalVariables;
}

async function start(deps: DevDeps, { watch, port, variables }: StartOptions): Promise<Stack> {
  const { env, stdout, say, interrupts } = deps;
  const { colours } = surfaceOf(stdout, env);
  const redisUrl = env['REDIS_URL'];
  return startOrAbort(
    {
      watch,
      model: chooseModel(env).model,
      env: variables.all,
      // The same over restarts, so that an address in a browser stays good.
      envFor: { api: { ...variables.api, PORT: String(port === 0 ? await freePort() : port) } },
      onLine: ({ process, text }) => {
        const lines = readableLog(process, text, { nameWidth: NAME_WIDTH, colours });
        stdout.write(`${lines.join('\n')}\n`);
      },
      onProgress: say,
      ...(redisUrl ? { redisUrl } : {}),
    },
    WORKERS,
    { signal: interrupts.signal, say },
  );
}

/**
 * Runs everything until Ctrl-C; `dev` restarts processes when their source changes.
 * @throws when it cannot be started; `Interrupted` when that comes before
 */
export async function runDev(deps: DevDeps, command: 'dev' | 'start'): Promise<void> {
  const { say, interrupts, env } = deps;
  const port = portIn(env) ?? DEFAULT_PORT;
  if (port !== 0 && !(await isPortFree(port))) {
    throw new Error(`Port ${port} is taken by another program: set PORT to a free one, or to 0 for any.`);
  }
  const variables = localVariables(env);
  const ignored = ignoredSentence(command, variables);
  if (ignored !== undefined) say(ignored);
  say('Starting everything ...');
  const watch = command === 'dev';
  const stack = await start(deps, { watch, port, variables });
  const redisPrefix = env['REDIS_PREFIX'] || undefined;
  const forget = await announce(command, stack, redisPrefix);
  for (const child of [...stack.apis, ...stack.schedulers, ...stack.workers]) {
    void child.exited.then(({ code, signal }) => {
      if (!interrupts.signal.aborted) say(`${child.name} has ended (${signal ?? `exit code ${code}`}).`);
    });
  }
  say('');
  for (const line of addressLines({ stack, redisPrefix, key: variables.key })) say(line);
  const restarts = watch ? 'Processes restart when their source changes; press' : 'Press';
  say(`${restarts} Ctrl-C to end everything.`);
  say('');
  await interrupts.interrupted;
  say(ENDING);
  await forget();
  await stack.stop();
}
