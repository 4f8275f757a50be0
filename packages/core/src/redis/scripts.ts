import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { AdmissionKeyName, Keys, SwarmKeyName } from './keys.ts';

/**
 * Loads `lua/<name>.lua`. A script's header is its contract and is read, not just written:
 *   -- KEYS: meta events tasks        names of the key module; `K.meta` and so on inside
 *   -- ARGV: taskId attempt           names of the arguments; `A.taskId` and so on inside (always strings)
 *   -- INCLUDE: swarm task            files of `lua/includes`, put in front in this order
 *   -- SLOT: admission                only where the keys are not a swarm's but the fleet's admission keys
 * Every script answers `{outcome, ...}`; `outcomes.ts` says what the numbers mean.
 */
export interface Script {
  name: string;
  /** Whose keys it works on. All keys of one script share a hash slot. */
  slot: 'swarm' | 'admission';
  keys: string[];
  argv: string[];
  source: string;
  sha: string;
}

const FOLDER = new URL('./lua/', import.meta.url);

function headerWords(name: string, text: string, field: string): string[] {
  const line = text.match(new RegExp(`^-- ${field}:(.*)$`, 'm'));
  if (line === null) throw new Error(`${name}.lua has no "-- ${field}:" line in its header`);
  return (line[1] ?? '').trim().split(/\s+/).filter(Boolean);
}

function loadScript(name: string): Script {
  const text = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
  const slot = /^-- SLOT: admission$/m.test(text) ? 'admission' : 'swarm';
  const keys = headerWords(name, text, 'KEYS');
  const argv = headerWords(name, text, 'ARGV');
  const prelude = [
    `local K = {${keys.map((key, i) => `${key}=KEYS[${i + 1}]`).join(',')}}`,
    `local A = {${argv.map((arg, i) => `${arg}=ARGV[${i + 1}]`).join(',')}}`,
  ];
  const includes = headerWords(name, text, 'INCLUDE').map((include) =>
    readFileSync(new URL(`includes/${include}.lua`, FOLDER), 'utf8'),
  );
  const source = [...prelude, ...includes, text].join('\n');
  return { name, slot, keys, argv, source, sha: createHash('sha1').update(source).digest('hex') };
}

export type ScriptReply = [outcome: number, ...rest: (string | number | null)[]];
export type ScriptArgs = Record<string, string | number | Buffer>;

/** A swarm (and, for its journal, a task of it), or the fleet's admission. */
export type ScriptTarget = { swarmId: string; taskId?: string } | 'admission';

export interface Scripts {
  /** Runs a script on the keys of its target. Loads it into Redis when Redis does not know it (restart, failover). */
  run(redis: Redis, name: string, target: ScriptTarget, args: ScriptArgs): Promise<ScriptReply>;
  readonly names: readonly string[];
  get(name: string): Script;
}

export function loadScripts(
  keys: Keys,
  observe?: (script: string, outcome: number, seconds: number) => void,
): Scripts {
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
      if ((target === 'admission') !== (script.slot === 'admission')) {
        throw new Error(
          `${name}.lua works on the keys of ${script.slot === 'swarm' ? 'a swarm' : 'admission'}`,
        );
      }
      const keyList = script.keys.map((key) =>
        target === 'admission'
          ? keys.admission(key as AdmissionKeyName)
          : keys.swarm(target.swarmId, key as SwarmKeyName, target.taskId),
      );
      const argList = script.argv.map((arg) => {
        const value = args[arg];
        if (value === undefined) throw new Error(`${name}.lua needs the argument ${arg}`);
        return value;
      });
      const started = performance.now();
      const reply = (await evalsha(redis, script, keyList, argList)) as ScriptReply;
      observe?.(name, reply[0], (performance.now() - started) / 1000);
      return reply;
    },
  };
}

async function evalsha(
  redis: Redis,
  script: Script,
  keyList: string[],
  argList: (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keyList.length, ...keyList, ...argList);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await redis.eval(script.source, keyList.length, ...keyList, ...argList);
  }
}
