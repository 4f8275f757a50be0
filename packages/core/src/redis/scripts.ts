import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { SWARM_EVENTS_KEPT } from '../runtime/tunables.ts';
import type { RedisClient } from './connect.ts';
import { createEpochs } from './epoch.ts';
import type { Keys, SwarmKeyName } from './keys.ts';

/**
 * Loads `lua/<name>.lua`. A script's header is its contract and is read, not just written:
 *   -- KEYS: meta events tasks        names of the key module; `K.meta` and so on inside
 *   -- ARGV: taskId attempt           names of the arguments; `A.taskId` and so on inside (always strings)
 *   -- INCLUDE: swarm task            files of `lua/includes`, put in front in this order; `swarm` is always among them
 * Its code is the body of a function; what the includes gathered meanwhile (`at_end`) is written when that has returned. In
 * front stand also EPOCH and EVENTS_KEPT, numbers for `includes/swarm.lua`.
 * Every script answers `{outcome, ...}`; `outcomes.ts` says what the numbers mean.
 */
export interface Script {
  name: string;
  keys: SwarmKeyName[];
  argv: string[];
  source: string;
}

/** A script with what differs from one life of a Redis process to the next: its digest is another one then. */
interface Compiled {
  source: string;
  sha: string;
}

const FOLDER = new URL('./lua/', import.meta.url);

export function headerWords(name: string, text: string, field: string): string[] {
  const line = text.match(new RegExp(`^-- ${field}:(.*)$`, 'm'));
  if (line === null) throw new Error(`${name}.lua has no "-- ${field}:" line in its header`);
  return (line[1] ?? '').trim().split(/\s+/).filter(Boolean);
}

function loadScript(name: string): Script {
  const text = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
  const keys = headerWords(name, text, 'KEYS') as SwarmKeyName[];
  const argv = headerWords(name, text, 'ARGV');
  const prelude = [
    `local K = {${keys.map((key, i) => `${key}=KEYS[${i + 1}]`).join(',')}}`,
    `local A = {${argv.map((arg, i) => `${arg}=ARGV[${i + 1}]`).join(',')}}`,
  ];
  const includes = headerWords(name, text, 'INCLUDE').map((include) =>
    readFileSync(new URL(`includes/${include}.lua`, FOLDER), 'utf8'),
  );
  // What the includes gathered is written when the script's own code has returned.
  const body = ['local function main()', text, 'end', 'local reply = main()'];
  const finish = 'for i = 1, #at_end do at_end[i]() end\nreturn reply';
  const source = [...prelude, ...includes, ...body, finish].join('\n');
  return { name, keys, argv, source };
}

/** Epochs whose scripts are kept ready: one, but for the masters of a cluster. */
const COMPILED_EPOCHS = 64;

/** Puts the constants of `includes/swarm.lua` in front. */
function createCompiler(eventsKept: number): (script: Script, epoch: number) => Compiled {
  const epochs = new Map<number, Map<string, Compiled>>();
  return (script, epoch) => {
    const ready = epochs.get(epoch) ?? new Map<string, Compiled>();
    if (!epochs.has(epoch)) {
      if (epochs.size >= COMPILED_EPOCHS) epochs.clear();
      epochs.set(epoch, ready);
    }
    let compiled = ready.get(script.name);
    if (compiled === undefined) {
      const source = `local EPOCH, EVENTS_KEPT = ${epoch}, ${eventsKept}\n${script.source}`;
      compiled = { source, sha: createHash('sha1').update(source).digest('hex') };
      ready.set(script.name, compiled);
    }
    return compiled;
  };
}

export type ScriptReply = [outcome: number, ...rest: (string | number | null)[]];
export type ScriptArgs = Record<string, string | number | Buffer>;

export interface Scripts {
  /** Runs a script on a swarm's keys. Loads it into Redis when Redis does not know it (restart, failover). */
  run(
    redis: RedisClient,
    name: string,
    target: { swarmId: string; taskId?: string },
    args: ScriptArgs,
  ): Promise<ScriptReply>;
  readonly names: readonly string[];
  get(name: string): Script;
}

export function loadScripts(
  keys: Keys,
  observe?: (script: string, outcome: number, seconds: number) => void,
  eventsKept = SWARM_EVENTS_KEPT,
): Scripts {
  const compile = createCompiler(eventsKept);
  const epochs = createEpochs();
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -'.lua'.length));
  const scripts = new Map(names.map((name) => [name, loadScript(name)]));
  const get = (name: string): Script => {
    const script = scripts.get(name);
    if (script === undefined) throw new Error(`There is no script ${name}.lua`);
    return script;
  };
  return {
    names,
    get,
    async run(redis, name, target, args) {
      const script = get(name);
      const keyList = script.keys.map((key) => keys.swarm(target.swarmId, key, target.taskId));
      const argList = script.argv.map((arg) => {
        const value = args[arg];
        if (value === undefined) throw new Error(`${name}.lua needs the argument ${arg}`);
        return value;
      });
      const started = performance.now();
      const epoch = await epochs.of(redis, keyList[0] ?? '');
      let reply = await evalsha(redis, compile(script, epoch), keyList, argList);
      if (reply === UNKNOWN_SCRIPT) {
        // New to this server; or the server is not the one it was, and its epoch another.
        const present = await epochs.ask(redis, keyList[0] ?? '');
        const { source } = compile(script, present);
        reply = (await redis.eval(source, keyList.length, ...keyList, ...argList)) as ScriptReply;
      }
      observe?.(name, reply[0], (performance.now() - started) / 1000);
      return reply;
    },
  };
}

const UNKNOWN_SCRIPT = Symbol('unknown script');

async function evalsha(
  redis: RedisClient,
  script: Compiled,
  keyList: string[],
  argList: (string | number | Buffer)[],
): Promise<ScriptReply | typeof UNKNOWN_SCRIPT> {
  try {
    return (await redis.evalsha(script.sha, keyList.length, ...keyList, ...argList)) as ScriptReply;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return UNKNOWN_SCRIPT;
  }
}
