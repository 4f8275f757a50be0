import { collectionCli, collectionCliTest } from './collection-cli.ts';
import type { Draft, KitMaker } from './kit.ts';
import { packageJson } from './kit.ts';
import type { Objective } from './objective.ts';

/** Words of the objective that become the tags offered by default. */
const tagsOf = (objective: Objective): string[] =>
  objective.keywords
    .map((word) => word.toLowerCase())
    .filter((word) => /^[a-zäöüß-]+$/.test(word))
    .slice(0, 4);

const library = (objective: Objective): Draft => {
  const { noun } = objective;
  return {
    path: `src/${noun.slug}.js`,
    content: `import { readFile, rename, writeFile } from 'node:fs/promises';

/** ${objective.title.replaceAll('*/', '')}: the subjects that ${noun.many} can be filed under. */
export const SUBJECTS = ${JSON.stringify(tagsOf(objective)).replaceAll('"', "'").replaceAll("','", "', '")};

/** What was asked for is not possible; the text says why. */
export class ${noun.One}Error extends Error {}

/**
 * A list of ${noun.many}.
 * @param {{ items?: object[], now?: () => Date }} options items: as given by \`toJSON()\`
 */
export function create${noun.Many}({ items = [], now = () => new Date() } = {}) {
  const list = items.map((item) => ({ ...item }));
  let lastId = list.reduce((highest, item) => Math.max(highest, item.id), 0);

  const find = (id) => {
    const item = list.find((candidate) => candidate.id === id);
    if (item === undefined) throw new ${noun.One}Error('there is no ${noun.one} ' + id);
    return item;
  };

  return {
    /** @throws {${noun.One}Error} when the title is empty or the subject is unknown */
    add(title, { subject = null } = {}) {
      if (typeof title !== 'string' || title.trim() === '') throw new ${noun.One}Error('a title is needed');
      if (subject !== null && !SUBJECTS.includes(subject)) {
        throw new ${noun.One}Error('unknown subject "' + subject + '"; known: ' + SUBJECTS.join(', '));
      }
      const item = { id: ++lastId, title: title.trim(), subject, done: false, addedAt: now().toISOString() };
      list.push(item);
      return { ...item };
    },
    /** Marks as done, or as open again. @throws {${noun.One}Error} */
    finish(id, done = true) {
      const item = find(id);
      item.done = done;
      return { ...item };
    },
    /** @throws {${noun.One}Error} */
    remove(id) {
      list.splice(list.indexOf(find(id)), 1);
    },
    /** Open ones first, each group in the order of adding. */
    list({ done, text = '' } = {}) {
      return list
        .filter((item) => done === undefined || item.done === done)
        .filter((item) => item.title.toLowerCase().includes(text.toLowerCase()))
        .toSorted((a, b) => Number(a.done) - Number(b.done) || a.id - b.id)
        .map((item) => ({ ...item }));
    },
    /** @returns {{ total: number, done: number, open: number, bySubject: Record<string, number> }} */
    summary() {
      const bySubject = {};
      for (const item of list) {
        const name = item.subject ?? 'none';
        bySubject[name] = (bySubject[name] ?? 0) + 1;
      }
      const done = list.filter((item) => item.done).length;
      return { total: list.length, done, open: list.length - done, bySubject };
    },
    toJSON: () => list.map((item) => ({ ...item })),
  };
}

/** Reads a list from a file; a file that is not there yet is an empty list. */
export async function load${noun.Many}(path) {
  try {
    return create${noun.Many}({ items: JSON.parse(await readFile(path, 'utf8')) });
  } catch (error) {
    if (error.code === 'ENOENT') return create${noun.Many}();
    throw error;
  }
}

/** Writes a list to a file, never leaving half of it. */
export async function save${noun.Many}(path, list) {
  const draft = path + '.new';
  await writeFile(draft, JSON.stringify(list, null, 2) + '\\n');
  await rename(draft, path);
}
`,
  };
};

const unitTest = (objective: Objective): Draft => {
  const { noun } = objective;
  return {
    path: `test/${noun.slug}.test.js`,
    content: `import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { create${noun.Many}, load${noun.Many}, save${noun.Many}, SUBJECTS, ${noun.One}Error } from '../src/${noun.slug}.js';

test('adds, finishes and removes', () => {
  const list = create${noun.Many}();
  const first = list.add('First ${noun.one}');
  const second = list.add(' Second ${noun.one} ');
  list.finish(first.id);
  assert.deepEqual(list.list().map((item) => item.title), ['Second ${noun.one}', 'First ${noun.one}']);
  list.remove(second.id);
  assert.deepEqual(list.summary(), { total: 1, done: 1, open: 0, bySubject: { none: 1 } });
});

test('filters by state and text', () => {
  const list = create${noun.Many}();
  list.add('Red');
  list.finish(list.add('Blue').id);
  assert.deepEqual(list.list({ done: true }).map((item) => item.title), ['Blue']);
  assert.deepEqual(list.list({ text: 're' }).map((item) => item.title), ['Red']);
});

test('refuses what makes no sense', () => {
  const list = create${noun.Many}();
  assert.throws(() => list.add(' '), ${noun.One}Error);
  assert.throws(() => list.add('Odd', { subject: 'no such subject' }), ${noun.One}Error);
  assert.throws(() => list.finish(99), ${noun.One}Error);
});

test('files under a subject', () => {
  const list = create${noun.Many}();
  for (const subject of SUBJECTS) list.add('About ' + subject, { subject });
  assert.equal(Object.keys(list.summary().bySubject).length, SUBJECTS.length);
});

test('survives a round trip through a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), '${noun.slug}-'));
  const path = join(folder, 'list.json');
  try {
    const list = await load${noun.Many}(path);
    list.add('Kept');
    await save${noun.Many}(path, list);
    const again = await load${noun.Many}(path);
    assert.equal(again.list()[0].title, 'Kept');
    assert.equal(again.add('Next').id, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
`,
  };
};

/** A library that keeps a list of things, with a command line. The kit for every program without a kit of its own. */
export const collectionKit: KitMaker = (objective) => {
  const { noun } = objective;
  return {
    core: {
      title: `${noun.one} library and storage`,
      words: /\b(library|model|data|store|storage|persistence|schema|domain)\b/i,
      files: [library(objective)],
      decisions: [`${noun.many} are kept in one JSON file that is replaced as a whole.`],
    },
    surface: {
      title: `${noun.one} command line`,
      words: /\b(cli|command|line|frontend|terminal|display|screen|page|view)\b/i,
      files: [collectionCli(objective), packageJson(objective, 'src/cli.js')],
      decisions: ['The command line is a function from arguments to text, so that tests need no process.'],
    },
    unitTests: [unitTest(objective)],
    integrationTests: [collectionCliTest(objective)],
    contract: [
      `src/${noun.slug}.js exports create${noun.Many}(), load${noun.Many}(path), save${noun.Many}(path, list), SUBJECTS, ${noun.One}Error`,
      'src/cli.js exports run(args, path) -> text and runs when started directly',
    ],
    commands: [`npm start -- add "First ${noun.one}"`, 'npm start -- list', 'npm test'],
    features: [
      `Add, finish, remove, list and summarise ${noun.many}.`,
      'Nothing to install, data in one file.',
    ],
  };
};
