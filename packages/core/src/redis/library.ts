import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { LEDGER_BREAK_MS } from '../runtime/tunables.ts';
import type { SwarmKeyName } from './keys.ts';

/**
 * `lua/<name>.lua`, one transition each. A script's header is its contract and is read, not just written:
 *   -- KEYS: meta events tasks        names of the key module; `K.meta` and so on inside
 *   -- ARGV: taskId attempt           names of the arguments; `A.taskId` and so on inside (always strings)
 *   -- EACH: taskId token             optional: a list of any length follows, `EACH[1].taskId` and so on inside
 *   -- INCLUDE: swarm task            files of `lua/includes` that it uses; `swarm` is always among them
 * Its code is the body of a function, and so are the includes' `begin.<name>`, which forgets what the call before left, and
 * `finish.<name>`, which writes what was gathered when the script's own code has returned. Begun in the order of INCLUDE,
 * finished in the reverse: the events, which are the swarm's, last.
 * The first argument of all is its deadline (see `clock.ts`), which is looked at before anything else.
 * Every script answers `{outcome, ...}`; `outcomes.ts` says what the numbers mean.
 */
export interface Script {
  name: string;
  keys: SwarmKeyName[];
  argv: string[];
  each: string[];
  includes: string[];
  code: string;
}

/** All scripts as one Redis function library. Its name, and its functions', follow from its text: versions live side by side. */
export interface Library {
  name: string;
  source: string;
  functionName(script: string): string;
}

/** The function beside the scripts that carries out plain commands on one key, unless they come too late. */
export const WRITE = 'write';
/** What it answers then: an error that begins so. */
export const WRITE_TOO_LATE = 'TOOLATE';
/** args: the deadline, then each command: how many words it has, and the words but for the key. Answers as the first does. */
const WRITE_CODE = `redis.register_function('LIBRARY_${WRITE}', function(keys, args)
if too_late(args[1]) then return redis.error_reply('${WRITE_TOO_LATE} the command came too late') end
local at, first, any = 2, nil, false
while args[at] do
  local last = at + tonumber(args[at])
  local reply = redis.call(args[at + 1], keys[1], unpack(args, at + 2, last))
  if not any then first, any = reply, true end
  at = last + 1
end
return first
end)`;

const FOLDER = new URL('./lua/', import.meta.url);
/** Each may use what stands before it. */
const INCLUDES = [
  'deadline',
  'outcomes',
  'swarm',
  'record',
  'task',
  'agent',
  'settle',
  'budget',
  'retry',
  'holds',
  'dispatch',
  'claim',
  'wait',
  'plan',
  'draft',
];
/** What the names of our libraries begin with. */
export const LIBRARY_PREFIX = 'claude_flow_';

const luaFiles = (folder: URL) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -'.lua'.length));

export function headerWords(name: string, text: string, field: string): string[] {
  const words = optionalWords(text, field);
  if (words === undefined) throw new Error(`${name}.lua has no "-- ${field}:" line in its header`);
  return words;
}

function optionalWords(text: string, field: string): string[] | undefined {
  const line = text.match(new RegExp(`^-- ${field}:(.*)$`, 'm'));
  return line === null ? undefined : (line[1] ?? '').trim().split(/\s+/).filter(Boolean);
}

export function readScripts(): Map<string, Script> {
  return new Map(
    luaFiles(FOLDER).map((name) => {
      const code = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
      const keys = headerWords(name, code, 'KEYS') as SwarmKeyName[];
      const argv = headerWords(name, code, 'ARGV');
      const each = optionalWords(code, 'EACH') ?? [];
      return [name, { name, keys, argv, each, includes: headerWords(name, code, 'INCLUDE'), code }];
    }),
  );
}

export function buildLibrary(scripts: ReadonlyMap<string, Script>, eventsKept: number): Library {
  const texts = new Map(
    INCLUDES.map((name) => [name, readFileSync(new URL(`includes/${name}.lua`, FOLDER), 'utf8')]),
  );
  const hooks = (part: 'begin' | 'finish', includes: readonly string[]) =>
    includes
      .filter((name) => texts.get(name)?.includes(`${part}.${name} =`))
      .map((name) => `${part}.${name}()`);
  const registered = [...scripts.values()].map(({ name, keys, argv, each, includes, code }) => {
    for (const include of includes)
      if (!texts.has(include)) throw new Error(`${name}.lua includes ${include}, which is not known`);
    return [
      'do',
      'local function main()',
      code,
      'end',
      `redis.register_function('LIBRARY_${snake(name)}', function(keys, args)`,
      'if too_late(args[1]) then return { TOO_LATE } end',
      `K = {${keys.map((key, i) => `${key}=keys[${i + 1}]`).join(',')}}`,
      `A = {${argv.map((arg, i) => `${arg}=args[${i + 2}]`).join(',')}}`,
      ...readEach(argv.length + 1, each),
      ...hooks('begin', includes),
      'local reply = main()',
      ...hooks('finish', [...includes].reverse()),
      'return reply',
      'end)',
      'end',
    ].join('\n');
  });
  const head = `local EVENTS_KEPT, BREAK_MS = ${eventsKept}, ${LEDGER_BREAK_MS}\nlocal K, A, EACH\nlocal begin, finish = {}, {}`;
  const text = [head, ...texts.values(), WRITE_CODE, ...registered].join('\n');
  const name = `${LIBRARY_PREFIX}${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
  return {
    name,
    source: `#!lua name=${name}\n${text.replaceAll("'LIBRARY_", `'${name}_`)}`,
    functionName: (script) => `${name}_${snake(script)}`,
  };
}

function readEach(after: number, each: readonly string[]): string[] {
  if (each.length === 0) return [];
  const entry = each.map((arg, i) => `${arg}=args[i+${i}]`).join(',');
  return ['EACH = {}', `for i = ${after + 1}, #args, ${each.length} do EACH[#EACH + 1] = {${entry}} end`];
}

const snake = (name: string) => name.replaceAll('-', '_');
