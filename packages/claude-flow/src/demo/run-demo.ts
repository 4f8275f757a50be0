import type { ManagedProcess, ProcessLine } from '@claude-flow/local-stack/processes/managed-process';
import type { Stack } from '@claude-flow/local-stack/stack';
import { ClaudeFlowClient } from '../client/client.ts';
import { addressLines } from '../local/addresses.ts';
import { announce } from '../local/announce.ts';
import type { Interrupts } from '../local/interrupts.ts';
import { chooseModel } from '../local/model-choice.ts';
import { ENDING, startOrAbort } from '../local/start.ts';
import { ignoredSentence, type LocalVariables, localVariables, portIn } from '../local/variables.ts';
import { createLiveProgress } from '../terminal/live-progress.ts';
import type { DemoOptions } from './options.ts';
import { runSwarm } from './run-swarm.ts';
import { warningOf } from './warning-of.ts';

export interface DemoDeps {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdout: NodeJS.WriteStream;
  /** Says something that is not a result. */
  say(line: string): void;
  interrupts: Interrupts;
}

export const EXIT = { ok: 0, failure: 1, usage: 2, swarmFailed: 5 };

const WORKERS = 2;
/** Of the simulated model, a turn: slow enough to watch, about ten seconds in all. MOCK_LATENCY_MS sets another. */
const WATCHABLE_LATENCY_MS = 350;

/** In somebody's own Redis, nothing of what else runs there is touched. */
const prefixIn = (env: NodeJS.ProcessEnv): string | undefined => {
  if (env['REDIS_PREFIX']) return env['REDIS_PREFIX'];
  return env['REDIS_URL'] ? `cf-demo-${process.pid}-${Date.now().toString(36)}` : undefined;
};

interface StartOptions {
  variables: LocalVariables;
  redisPrefix: string | undefined;
  onLine: (line: ProcessLine) => void;
}

async function start(deps: DemoDeps, { variables, redisPrefix, onLine }: StartOptions): Promise<Stack> {
  const { env, interrupts, say } = deps;
  const { model } = chooseModel(env);
  const ownRedis = env['REDIS_URL'];
  const port = portIn(env);
  const parts = [
    ...(ownRedis ? [] : ['Redis']),
    ...(model.kind === 'mock' ? ['a simulated model'] : []),
    'an API',
    'a scheduler',
  ];
  say(`Starting ${parts.join(', ')} and ${WORKERS} workers ...`);
  return startOrAbort(
    {
      model: model.kind === 'mock' ? { ...model, latencyMs: WATCHABLE_LATENCY_MS } : model,
      env: { ...variables.all, ...(redisPrefix === undefined ? {} : { REDIS_PREFIX: redisPrefix }) },
      envFor: { api: { ...variables.api, ...(port === undefined ? {} : { PORT: String(port) }) } },
      onProgress: say,
      onLine,
      ...(ownRedis ? { redisUrl: ownRedis } : {}),
    },
    WORKERS,
    { signal: interrupts.signal, say },
  );
}

/** Rejects when of a kind of process nobody is left: then nothing would ever end. */
function nobodyLeft(stack: Stack): Promise<never> {
  const allGone = async (kind: string, processes: readonly ManagedProcess[]): Promise<never> => {
    const ends = await Promise.all(processes.map((process) => process.exited));
    const how = ends.map(({ code, signal }) => signal ?? `exit code ${code}`).join(', ');
    throw new Error(`The ${kind} ended unexpectedly (${how}).`);
  };
  return Promise.race([
    allGone('API', stack.apis),
    allGone('scheduler', stack.schedulers),
    allGone('workers', stack.workers),
  ]);
}

interface Kept {
  stack: Stack;
  variables: LocalVariables;
  redisPrefix: string | undefined;
  left: Promise<never>;
}

async function keepRunning(deps: DemoDeps, { stack, variables, redisPrefix, left }: Kept): Promise<void> {
  deps.stdout.write(`\n${addressLines({ stack, redisPrefix, key: variables.key }).join('\n')}\n`);
  deps.say('Everything keeps running; press Ctrl-C to end it.');
  await Promise.race([deps.interrupts.interrupted, left]);
}

/**
 * Starts everything, runs one swarm, shows and saves what it made, and ends everything.
 * @returns the exit code
 * @throws when it cannot be run; `Interrupted`
 */
export async function runDemo(deps: DemoDeps, options: DemoOptions & { kind: 'run' }): Promise<number> {
  const { env, cwd, stdout, interrupts, say } = deps;
  const progress = createLiveProgress(stdout, env);
  const variables = localVariables(env);
  const redisPrefix = prefixIn(env);
  const ignored = ignoredSentence('demo', variables);
  if (ignored !== undefined) say(ignored);
  const stack = await start(deps, {
    variables,
    redisPrefix,
    onLine: (line) => {
      const warning = warningOf(line);
      if (warning !== undefined) progress.warn(warning);
    },
  });
  const left = nobodyLeft(stack);
  const broken = new AbortController();
  left.catch((error: unknown) => broken.abort(error));
  const signal = AbortSignal.any([interrupts.signal, broken.signal]);
  const forget = await announce('demo', stack, redisPrefix);
  try {
    const client = new ClaudeFlowClient(stack.apiUrls[0], variables.key);
    const { workers } = stack;
    const completed = await runSwarm(
      { env, cwd, stdout, client, key: variables.key ?? null, progress, workers, signal },
      options.objective,
    );
    if (options.keep) await keepRunning(deps, { stack, variables, redisPrefix, left });
    return completed ? EXIT.ok : EXIT.swarmFailed;
  } finally {
    progress.end();
    if (interrupts.signal.aborted) say(ENDING);
    await forget();
    await stack.stop();
  }
}
