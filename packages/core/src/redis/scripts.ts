import type { Redis } from 'ioredis';
import { ClaudeFlowError } from '../domain/errors.ts';
import { SWARM_EVENTS_KEPT } from '../runtime/tunables.ts';
import { eachServer, type RedisClient } from './connect.ts';
import type { Keys } from './keys.ts';
import { buildLibrary, LIBRARY_PREFIX, type Library, readScripts, type Script } from './library.ts';

export type ScriptReply = [outcome: number, ...rest: (string | number | null)[]];
export type ScriptArgs = Record<string, string | number | Buffer>;

export interface Scripts {
  /** Runs a script on a swarm's keys. Loads the library into Redis when Redis does not know it (new, restored, failed over). */
  run(
    redis: RedisClient,
    name: string,
    target: { swarmId: string; taskId?: string },
    args: ScriptArgs,
    each?: readonly ScriptArgs[],
  ): Promise<ScriptReply>;
  readonly names: readonly string[];
  get(name: string): Script;
}

export function loadScripts(
  keys: Keys,
  observe?: (script: string, outcome: number, seconds: number) => void,
  eventsKept = SWARM_EVENTS_KEPT,
): Scripts {
  const scripts = readScripts();
  const library = buildLibrary(scripts, eventsKept);
  const get = (name: string): Script => {
    const script = scripts.get(name);
    if (script === undefined) throw new Error(`There is no script ${name}.lua`);
    return script;
  };
  return {
    names: [...scripts.keys()],
    get,
    async run(redis, name, target, args, each = []) {
      const script = get(name);
      const keyList = script.keys.map((key) => keys.swarm(target.swarmId, key, target.taskId));
      const values = (names: readonly string[], given: ScriptArgs) =>
        names.map((arg) => {
          const value = given[arg];
          if (value === undefined) throw new Error(`${name}.lua needs the argument ${arg}`);
          return value;
        });
      const argList = values(script.argv, args);
      for (const one of each) argList.push(...values(script.each, one));
      const started = performance.now();
      const reply = await call(redis, library, name, [...keyList, ...argList], keyList.length);
      observe?.(name, reply[0], (performance.now() - started) / 1000);
      return reply;
    },
  };
}

async function call(
  redis: RedisClient,
  library: Library,
  name: string,
  rest: (string | number | Buffer)[],
  keyCount: number,
): Promise<ScriptReply> {
  const functionName = library.functionName(name);
  try {
    return (await redis.call('fcall', [functionName, keyCount, ...rest])) as ScriptReply;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('Function not found')) throw refused(error);
    await eachServer(redis, (server) => loadLibrary(server, library));
    return (await redis.call('fcall', [functionName, keyCount, ...rest])) as ScriptReply;
  }
}

/** A server that will never do it is not one that is away for a while. */
function refused(error: unknown): unknown {
  const { message } = error as Error;
  if (/unknown command/i.test(message)) {
    const what = 'This Redis has no functions. Use Redis 7.0 or newer, or Valkey.';
    return new ClaudeFlowError('redis_unavailable', what, { cause: error });
  }
  if (!message.startsWith('NOPERM')) return error;
  const what = `The Redis user lacks a right that is needed (+fcall, +function): ${message}`;
  return new ClaudeFlowError('redis_unavailable', what, { cause: error });
}

/** Libraries of other versions that stay: those of a rollout, and of tests that share a server. */
const LIBRARIES_KEPT = 16;

/** A library is data of the server: it outlives restarts, so the versions before ours are removed some time. */
async function loadLibrary(server: Redis, library: Library): Promise<void> {
  try {
    await server.function('LOAD', library.source);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('already exists')) throw refused(error);
  }
  const listed = (await server.function('LIST', 'LIBRARYNAME', `${LIBRARY_PREFIX}*`)) as unknown[][];
  const others = listed.map((entry) => String(entry[1])).filter((name) => name !== library.name);
  // A process of another version that still lives loads its own again.
  for (const name of others.slice(LIBRARIES_KEPT))
    await server.function('DELETE', name).catch(() => undefined);
}
