import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Deadlines } from './clock.ts';
import type { RedisClient } from './connect.ts';
import { type QueueKeyName, queueKey } from './keys.ts';
import { headerWords } from './library.ts';
import { OUTCOME, outcomeError } from './outcomes.ts';
import { type ScriptArgs, withDeadline } from './scripts.ts';

/**
 * Scripts on BullMQ's own lists and on what we keep beside them, all in the queues' hash slot: `lua/queue/<name>.lua`. The
 * first argument of all is the deadline, as there. The
 * header is the contract, as with the scripts of a swarm: KEYS (`K.<name>`), ARGV (`A.<name>`, always strings), RETURNS.
 */
export interface QueueScript {
  name: string;
  keys: QueueKeyName[];
  argv: string[];
  source: string;
  sha: string;
}

const FOLDER = new URL('./lua/queue/', import.meta.url);
const DEADLINE = readFileSync(new URL('./lua/includes/deadline.lua', import.meta.url), 'utf8');

function loadScript(name: string): QueueScript {
  const text = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
  const keys = headerWords(name, text, 'KEYS') as QueueKeyName[];
  const argv = headerWords(name, text, 'ARGV');
  const source = [
    DEADLINE,
    `if too_late(ARGV[1]) then return { ${OUTCOME.tooLate} } end`,
    `local K = {${keys.map((key, i) => `${key}=KEYS[${i + 1}]`).join(',')}}`,
    `local A = {${argv.map((arg, i) => `${arg}=ARGV[${i + 2}]`).join(',')}}`,
    text,
  ].join('\n');
  return { name, keys, argv, source, sha: createHash('sha1').update(source).digest('hex') };
}

export type QueueScriptReply = (string | number)[];

export interface QueueScripts {
  /** Runs a script; loads it into Redis when Redis does not know it. @param jobId for scripts about one delivery */
  run(name: string, args: ScriptArgs, jobId?: string): Promise<QueueScriptReply>;
  readonly names: readonly string[];
  get(name: string): QueueScript;
}

export function loadQueueScripts(
  redis: RedisClient,
  queuePrefix: string,
  deadlines?: Deadlines,
): QueueScripts {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -'.lua'.length));
  const scripts = new Map(names.map((name) => [name, loadScript(name)]));
  const get = (name: string): QueueScript => {
    const script = scripts.get(name);
    if (script === undefined) throw new Error(`There is no script queue/${name}.lua`);
    return script;
  };
  return {
    names,
    get,
    async run(name, args, jobId) {
      const { keys, argv, source, sha } = get(name);
      const keyList = keys.map((key) => queueKey(queuePrefix, key, jobId));
      const argList = argv.map((arg) => {
        const value = args[arg];
        if (value === undefined) throw new Error(`queue/${name}.lua needs the argument ${arg}`);
        return value;
      });
      const send = async (until: string) => {
        const rest = [keyList.length, ...keyList, until, ...argList] as const;
        try {
          return (await redis.evalsha(sha, ...rest)) as QueueScriptReply;
        } catch (error) {
          if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
          return (await redis.eval(source, ...rest)) as QueueScriptReply;
        }
      };
      const reply = await withDeadline(deadlines, send, ([outcome]) => outcome === OUTCOME.tooLate);
      if (reply[0] === OUTCOME.tooLate) throw outcomeError(OUTCOME.tooLate, undefined);
      return reply;
    },
  };
}
