import type { Draft } from './kit.ts';
import type { Objective } from './objective.ts';

/** `src/cli.js`: the command line over the library. */
export const collectionCli = (objective: Objective): Draft => {
  const { noun } = objective;
  return {
    path: 'src/cli.js',
    content: `// ${objective.title}
import { pathToFileURL } from 'node:url';
import { load${noun.Many}, save${noun.Many}, ${noun.One}Error } from './${noun.slug}.js';

const usage = 'Usage: add <title> [--subject=<subject>] | done <number> | remove <number> | list [text] | summary';

const line = (item) => item.id + '. [' + (item.done ? 'x' : ' ') + '] ' + item.title + (item.subject ? ' (' + item.subject + ')' : '');

/**
 * Runs one command on the list in a file.
 * @param {string[]} args
 * @param {string} path
 * @returns {Promise<string>} what to print
 * @throws {${noun.One}Error} with a sentence for the user
 */
export async function run(args, path) {
  const [command = 'list', ...rest] = args;
  const words = rest.filter((word) => !word.startsWith('--'));
  const subject = rest.find((word) => word.startsWith('--subject='))?.slice('--subject='.length) ?? null;
  const list = await load${noun.Many}(path);
  switch (command) {
    case 'add': {
      const item = list.add(words.join(' '), { subject });
      await save${noun.Many}(path, list);
      return 'Added ' + line(item);
    }
    case 'done': {
      const item = list.finish(Number(words[0]));
      await save${noun.Many}(path, list);
      return 'Finished ' + line(item);
    }
    case 'remove': {
      list.remove(Number(words[0]));
      await save${noun.Many}(path, list);
      return 'Removed ' + words[0];
    }
    case 'list':
      return list.list({ text: words.join(' ') }).map(line).join('\\n') || 'No ${noun.many} yet.';
    case 'summary': {
      const { total, done, open } = list.summary();
      return total + ' ${noun.many}: ' + open + ' open, ' + done + ' done';
    }
    default:
      throw new ${noun.One}Error('unknown command "' + command + '". ' + usage);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await run(process.argv.slice(2), process.env.DATA_FILE ?? '${noun.slug}.json'));
  } catch (error) {
    if (!(error instanceof ${noun.One}Error)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
`,
  };
};

/** Tests of the commands on a real file. */
export const collectionCliTest = (objective: Objective): Draft => {
  const { noun } = objective;
  return {
    path: 'test/cli.test.js',
    content: `import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../src/cli.js';

const folder = mkdtempSync(join(tmpdir(), '${noun.slug}-cli-'));
const path = join(folder, 'list.json');
after(() => rmSync(folder, { recursive: true }));

test('starts empty', async () => {
  assert.equal(await run([], path), 'No ${noun.many} yet.');
});

test('remembers from command to command', async () => {
  assert.equal(await run(['add', 'First', '${noun.one.split(' ')[0]}'], path), 'Added 1. [ ] First ${noun.one.split(' ')[0]}');
  await run(['add', 'Second'], path);
  assert.equal(await run(['done', '1'], path), 'Finished 1. [x] First ${noun.one.split(' ')[0]}');
  assert.equal(await run(['list'], path), '2. [ ] Second\\n1. [x] First ${noun.one.split(' ')[0]}');
  assert.equal(await run(['remove', '2'], path), 'Removed 2');
  assert.equal(await run(['summary'], path), '1 ${noun.many}: 0 open, 1 done');
});

test('explains an unknown command', async () => {
  await assert.rejects(run(['dance'], path), /unknown command "dance"/);
});
`,
  };
};
