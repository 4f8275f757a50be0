import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { createKeys, queueKey, type SwarmKeyName } from './keys.ts';
import { loadQueueScripts } from './queue-scripts.ts';
import { loadScripts } from './scripts.ts';

const LUA = new URL('./lua/', import.meta.url);
const scripts = loadScripts(createKeys('test'));
const queueScripts = loadQueueScripts(new Redis({ lazyConnect: true }), createKeys('test').queuePrefix);
const files = ['', 'includes/', 'queue/'].flatMap((folder) =>
  readdirSync(new URL(folder, LUA))
    .filter((file) => file.endsWith('.lua'))
    .map((file) => ({
      file: `${folder}${file}`,
      text: code(readFileSync(new URL(`${folder}${file}`, LUA), 'utf8')),
    })),
);

/** Commands that take no key. Every other one takes it first. */
const WITHOUT_KEY = new Set(['TIME', 'INFO']);
/** Of an include, what a script may leave undeclared because the include asks first. */
const ASKED_FIRST = /\bif K\.(\w+) then\b/g;

function code(text: string): string {
  return text.replace(/--[^\n]*/g, '');
}

/** Names of the functions that an include defines. */
function localsOf(text: string): string[] {
  return [...text.matchAll(/^local function (\w+)/gm)].map(([, name = '']) => name);
}

/** `K.<name>` of a text, but for those that it asks for before it uses them. */
function keysUsed(text: string): Set<string> {
  const asked = new Set([...text.matchAll(ASKED_FIRST)].map(([, name]) => name));
  return new Set(
    [...text.matchAll(/\bK\.(\w+)/g)].map(([, name = '']) => name).filter((name) => !asked.has(name)),
  );
}

/** The functions of an include by name, and the text outside of them. */
function functionsOf(text: string): { functions: Map<string, string>; rest: string } {
  const functions = new Map<string, string>();
  const rest = text.replace(/^local function (\w+)\(.*?^end$/gms, (whole, name: string) => {
    functions.set(name, whole);
    return '';
  });
  return { functions, rest };
}

/** The text of a script, of the functions that it calls, and that these call, as far as its includes have them. */
function reachedText(name: string): string {
  const text = readFileSync(new URL(`${name}.lua`, LUA), 'utf8');
  const includes = (/^-- INCLUDE:(.*)$/m.exec(text)?.[1] ?? '').trim().split(/\s+/).filter(Boolean);
  const functions = new Map<string, string>();
  const reached: string[] = [code(text)];
  for (const include of includes) {
    const parts = functionsOf(code(readFileSync(new URL(`includes/${include}.lua`, LUA), 'utf8')));
    for (const [each, body] of parts.functions) functions.set(each, body);
    reached.push(parts.rest);
  }
  for (let at = 0; at < reached.length; at += 1) {
    for (const [called, body] of functions) {
      if (!new RegExp(`\\b${called}\\(`).test(reached[at] ?? '')) continue;
      functions.delete(called);
      reached.push(body);
    }
  }
  return reached.join('\n');
}

describe('scripts touch declared keys only, as a cluster demands', () => {
  test.each(files)('$file: every command names its key by K', ({ text }) => {
    // `call_with(command, key, list)`, where an include has it, passes on what it is given.
    const direct = text.replace(/local function call_with\(.*?^end$/gms, '');
    const calls = [...direct.matchAll(/(?:redis\.p?call|call_with)\(\s*([^,)]+)(?:,\s*([^,)]+))?/g)];
    for (const [call, command = '', key = ''] of calls) {
      expect(command, call).toMatch(/^'[A-Z]+'$/);
      if (WITHOUT_KEY.has(command.slice(1, -1))) continue;
      // delete-swarm goes over all its keys.
      if (key === 'key' && text.includes('for name, key in pairs(K) do')) continue;
      // includes/task.lua: the set that is named like the status, declared by each script that brings a task there.
      expect(key, call).toMatch(/^K\.\w+$|^K\[status\]$/);
    }
    expect(direct).not.toMatch(/\bKEYS\b/);
  });

  test.each(scripts.names)('%s declares every key that it can reach', (name) => {
    const { keys } = scripts.get(name);
    const declared = new Set<string>(keys);
    const reached = keysUsed(reachedText(name));
    if (name !== 'delete-swarm') expect([...reached].filter((key) => !declared.has(key))).toEqual([]);
    expect(declared.size).toBe(keys.length);
  });

  test.each(scripts.names)('%s uses functions and state of the includes it names only', (name) => {
    // All scripts are in one library, so that Lua would find the others too, with what the call before left there.
    const { includes } = scripts.get(name);
    const used = reachedText(name);
    for (const { file, text: other } of files) {
      const include = /^includes\/(.*)\.lua$/.exec(file)?.[1];
      if (include === undefined || includes.includes(include)) continue;
      const strangers = localsOf(other).filter((local) => new RegExp(`\\b${local}\\(`).test(used));
      expect(strangers, `functions of ${include}`).toEqual([]);
    }
  });

  test.each(queueScripts.names)(
    'queue/%s declares the keys that it uses, and no others, all in one slot',
    (name) => {
      const { keys } = queueScripts.get(name);
      const used = keysUsed(code(readFileSync(new URL(`queue/${name}.lua`, LUA), 'utf8')));
      expect([...used].sort()).toEqual([...keys].sort());
      for (const key of keys) expect(queueKey('{test-queue}', key, 'a.b.1')).toMatch(/^\{test-queue\}:/);
    },
  );

  test('all keys of a swarm share one slot, and delete-swarm knows them all', () => {
    const keys = createKeys('test');
    const swarmId = 'swarm_a_000000000';
    const all = [
      ...keys.allOfSwarm(swarmId),
      keys.swarm(swarmId, 'journal', 'task_001'),
      keys.swarm(swarmId, 'gone'),
    ];
    for (const key of all) expect(key).toContain(`{${swarmId}}`);
    // What it leaves: that the swarm is gone.
    const gone = keys.swarm(swarmId, 'gone');
    const deleted = scripts.get('delete-swarm').keys.map((name) => keys.swarm(swarmId, name as SwarmKeyName));
    expect(deleted.sort()).toEqual([...keys.allOfSwarm(swarmId), gone].sort());
  });
});
