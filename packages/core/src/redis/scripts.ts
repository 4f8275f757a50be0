import type { Redis } from 'ioredis';
import { ClaudeFlowError } from '../domain/errors.ts';
import { SWARM_EVENTS_KEPT } from '../runtime/tunables.ts';
import type { Deadlines } from './clock.ts';
import { eachServer, type RedisClient } from './connect.ts';
import type { Keys } from './keys.ts';
import {
  buildLibrary,
  LIBRARY_PREFIX,
  type Library,
  readScripts,
  type Script,
  WRITE,
  WRITE_TOO_LATE,
} from './library.ts';
import { OUTCOME, outcomeError } from './outcomes.ts';

export type ScriptReply = [outcome: number, ...rest: (string | number | null)[]];
export type ScriptArgs = Record<string, string | number | Buffer>;

export type PlainCommand = readonly [name: string, ...args: (string | number)[]];

export interface Scripts {
  /** Runs a script on a swarm's keys. Loads the library into Redis when Redis does not know it (new, restored, failed over). */
  run(
    redis: RedisClient,
    name: string,
    target: { swarmId: string; taskId?: string },
    args: ScriptArgs,
    each?: readonly ScriptArgs[],
  ): Promise<ScriptReply>;
  /**
   * Carries out plain commands on one key, in one step; they have a deadline as the scripts have.
   * @param commands name and arguments of each, without the key
   * @returns what the first answers
   * @throws ClaudeFlowError `redis_unavailable` when they came too late
   */
  write(redis: RedisClient, key: string, commands: readonly PlainCommand[]): Promise<unknown>;
  readonly names: readonly string[];
  get(name: string): Script;
}

/** @param more.deadlines of commands whose caller gives up some time; without them a command may take effect at any time */
export function loadScripts(
  keys: Keys,
  more: {
    observe?: ((script: string, outcome: number, seconds: number) => void) | undefined;
    eventsKept?: number | undefined;
    deadlines?: Deadlines | undefined;
  } = {},
): Scripts {
  const { observe, eventsKept = SWARM_EVENTS_KEPT, deadlines } = more;
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
      const send = async (until: string) => {
        const reply = (await call(redis, library, name, keyList, [until, ...argList])) as ScriptReply;
        observe?.(name, reply[0], (performance.now() - started) / 1000);
        return reply;
      };
      const reply = await withDeadline(deadlines, send, ([outcome]) => outcome === OUTCOME.tooLate);
      if (reply[0] === OUTCOME.tooLate) throw outcomeError(reply[0], reply[1]);
      return reply;
    },
    async write(redis, key, commands) {
      const words = commands.flatMap((command) => [command.length, ...command]);
      const send = (until: string) =>
        call(redis, library, WRITE, [key], [until, ...words]).catch((error: unknown) => {
          if (error instanceof Error && error.message.includes(WRITE_TOO_LATE)) return TOO_LATE;
          throw error;
        });
      const reply = await withDeadline(deadlines, send, (answer) => answer === TOO_LATE);
      if (reply === TOO_LATE) throw outcomeError(OUTCOME.tooLate, undefined);
      return reply;
    },
  };
}

const TOO_LATE = Symbol('too late');

/** Refused as late while the caller still has most of its time, a command is sent once more: then the clock was misjudged. */
export async function withDeadline<Reply>(
  deadlines: Deadlines | undefined,
  send: (until: string) => Promise<Reply>,
  isTooLate: (reply: Reply) => boolean,
): Promise<Reply> {
  if (deadlines === undefined) return send('');
  const next = deadlines.next();
  const until = typeof next === 'string' ? next : await next;
  const sentAt = performance.now();
  const reply = await send(until);
  if (!isTooLate(reply) || performance.now() - sentAt > deadlines.limitMs / 2) return reply;
  deadlines.distrust();
  return send(await deadlines.next());
}

async function call(
  redis: RedisClient,
  library: Library,
  name: string,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  const rest = [library.functionName(name), keys.length, ...keys, ...args];
  try {
    return await redis.call('fcall', rest);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('Function not found')) throw refused(error);
    await eachServer(redis, (server) => loadLibrary(server, library));
    return await redis.call('fcall', rest);
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
