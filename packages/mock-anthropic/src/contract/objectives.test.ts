import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgentLoop } from './agent-loop.ts';
import type { Harness } from './harness.ts';
import { startHarness } from './harness.ts';
import { runPlan } from './run-plan.ts';
import type { Files } from './workspace.ts';
import { TOOLS } from './workspace.ts';

let h: Harness;
let folder: string;
beforeAll(async () => {
  h = await startHarness({ latencyMs: 0 });
  folder = await mkdtemp(join(tmpdir(), 'mock-anthropic-objectives-'));
});
afterAll(async () => {
  await h.server.close();
  await rm(folder, { recursive: true });
});

const python = spawnSync('python3', ['--version']).status === 0;
const NO_KIT = 'The simulation has no kit for this; this is the shape of the answer.';

const made = async (objective: string) => runPlan(h, objective, 'auto');

const onDisk = async (files: Files): Promise<void> => {
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
};
const run = async (command: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd: folder })).stdout.trim();

describe('a script', () => {
  test.each([
    ['counts words in a file, save it as tools/count.py', 'tools/count.py'],
    ['prints fizzbuzz', 'fizz_buzz.py'],
    ['prints the first Fibonacci numbers', 'fibonacci.py'],
    ['lists prime numbers', 'primes.py'],
    ['computes a factorial', 'factorial.py'],
    ['checks for palindromes', 'is_palindrome.py'],
    ['reverses a string', 'reverse_text.py'],
    ['converts Celsius to Fahrenheit', 'to_fahrenheit.py'],
    ['removes duplicates from a file', 'without_duplicates.py'],
    ['adds up the columns of a CSV', 'column_totals.py'],
    // One that no kit knows is a frame, and says so.
    ['says "hello" \\ and """ends"""', 'says_hello_ends.py'],
  ])('in Python that %s is %s, compiles and passes its own test', { skip: !python }, async (what, path) => {
    const { files } = await made(`Write a Python script that ${what}`);
    expect([...files.keys()]).toContain(path);
    await onDisk(files);
    await run('python3', '-m', 'py_compile', path);
    expect(await run('python3', path, '--self-test')).toBe('ok');
  });

  test.each([
    ['fizzbuzz', 'fizz-buzz.mjs', ['3'], '1\n2\nFizz'],
    ['Fibonacci numbers', 'fibonacci.mjs', ['5'], '0 1 1 2 3'],
    ['prime numbers', 'primes.mjs', ['7'], '2 3 5 7'],
    ['a factorial', 'factorial.mjs', ['4'], '24'],
    ['palindromes', 'is-palindrome.mjs', ['Anna'], 'yes'],
    ['reversing a string', 'reverse-text.mjs', ['abc'], 'cba'],
    ['counting words', 'word-count.mjs', [import.meta.filename], expect.stringMatching(/^\d+ \w+/)],
    ['Celsius in Fahrenheit', 'to-fahrenheit.mjs', ['100'], '212.0 °F'],
    ['lines without duplicates', 'without-duplicates.mjs', ['/dev/null'], ''],
  ])('in JavaScript for %s is %s and does it', async (what, path, args, printed) => {
    const { files } = await made(`Write a JavaScript function for ${what}`);
    await onDisk(files);
    expect(await run(process.execPath, path, '--self-test')).toBe('ok');
    expect(await run(process.execPath, path, ...args)).toEqual(printed);
  });

  test('frames that are empty say so, in the file, too', async () => {
    const { files, summaries } = await made('Write a Python script that resizes all images in a folder');
    expect(files.get('resizes_images_folder.py')).toContain(NO_KIT);
    expect(files.get('USAGE.md')).toContain(NO_KIT);
    expect(summaries.join()).not.toMatch(/todo|item/i);
  });
});

describe('a fix', () => {
  test('of Python mends what is wrong in the file that was named, and the result runs', {
    skip: !python,
  }, async () => {
    const code = `def mean(values)\n    total = 0\n    for i in range(len(values) + 1):\n        total += values[i]\n    print total\n    return total / len(values)`;
    const { files } = await made(`Fix the bugs in totals.py:\n\`\`\`python\n${code}\n\`\`\``);
    await onDisk(files);
    expect(await run('python3', '-c', 'import totals; print(totals.mean([1, 2, 3]))')).toBe('6\n2.0');
    expect(files.get('CHANGES.md')).toMatch(/Line 1: .*needs a colon/);
  });

  test.each([
    ['for (let i = 0; i <= list.length; i++) sum += list[i];', 'i < list.length'],
    ['if (state = 3) { start(); }', 'state === 3'],
    ['console.log(names.lenght);', 'names.length'],
    ['function add(a, b) { return a - b; }', 'return a + b'],
    ['const divide = (a, b) => { return a * b; };', 'return a / b'],
  ])('of JavaScript: %s', async (code, mended) => {
    const { files } = await made(`This is broken, please fix it: \`${code}\``);
    expect(files.get('fixed.js')).toContain(mended);
  });

  test('leaves alone what is right, and says that it found nothing', async () => {
    const code = 'for (let i = 0; i < list.length; i += 1) { if (list[i] === 3 && a <= b) stop(list[i]); }';
    const { files } = await made(`Fix this code: \`${code}\``);
    expect(files.get('fixed.js')).toBe(`${code}\n`);
    expect(files.get('CHANGES.md')).toContain('found none of them');
  });
});

test('a translation goes as far as the phrase book, and marks the rest', async () => {
  const { files } = await made(
    'Translate "Good morning, how are you? The invoice is overdue." into German and French',
  );
  const text = files.get('translation.md') ?? '';
  expect(text).toContain('Guten Morgen, wie geht es Ihnen?');
  expect(text).toContain('Bonjour, comment allez-vous?');
  expect(text).toContain('[not translated: The invoice is overdue.]');
  expect(
    (await made('Translate „Guten Morgen“ into Spanish, save it to saludo.txt')).files.get('saludo.txt'),
  ).toBe('Buenos días\n');
});

test('a landing page bears its name, in its language, and no markup from the request', async () => {
  const { files } = await made('Erstelle eine Landingpage für ein Café namens "Bohne <script> & Mehl"');
  const page = files.get('index.html') ?? '';
  expect(page).toMatch(/^<!doctype html>\n<html lang="de">/);
  expect(page).toContain('<h1>Bohne &#60;script&#62; &#38; Mehl</h1>');
  expect(page).not.toContain('<script>');
  expect(files.has('style.css')).toBe(true);
});

test.each([
  [
    'Write a report over these sales: Q1 1,200, Q2 1,500, Q3 900, Q4 2,100',
    ['**5,700**', '**Q4** (2,100)', '+25 %'],
  ],
  ['Schreibe einen Bericht über den Umsatz: Mai 1.200,50, Juni 800', ['**2.000,5**', '**Mai**', 'Anteil']],
  [
    'Escribe un informe con estas ventas: enero 120, febrero 150, marzo 90',
    ['**360**', '**febrero**', 'Cambio'],
  ],
])('a report computes what it says: %s', async (objective, parts) => {
  const { files } = await made(objective);
  for (const part of parts) expect(files.get('report.md')).toContain(part);
});

test('a comparison compares what was named, and knows what it does not know', async () => {
  const known = (await made('Vergleiche RabbitMQ und Kafka für einen kleinen Laden')).files;
  expect(known.get('docs/comparison.md')).toMatch(
    /\*\*RabbitMQ\*\*[\s\S]*\*\*Kafka\*\* \| verteiltes Protokoll/,
  );
  const cats = (await made('Compare my two cats Minka and constructor')).files;
  expect(cats.get('docs/comparison.md')).toMatch(
    /\*\*Minka\*\* \| \? \|[\s\S]*It knows nothing about Minka and constructor/,
  );
  expect(cats.get('docs/recommendation.md')).toContain(NO_KIT);
});

describe('everything else', () => {
  test.each([
    ['What is the capital of France?', NO_KIT],
    ['Say hello to the world', NO_KIT],
    ['Build a REST API in Go for invoices', NO_KIT],
    ['Plane einen Ausflug nach Potsdam', 'Die Simulation hat dafür keinen Bausatz'],
    ['Explica en tres puntos por qué el mar es salado', 'La simulación no tiene un módulo para esto'],
  ])('%s: says plainly that there is no kit, in every summary and text', async (objective, sentence) => {
    const { files, summaries, tasks } = await made(objective);
    expect(tasks.length).toBeLessThanOrEqual(4);
    for (const summary of summaries.slice(0, -1)) expect(summary).toContain(sentence);
    const text = [...files].filter(([path]) => path.startsWith('content/'));
    expect(text.length).toBeGreaterThan(0);
    for (const [, content] of text) expect(content).toContain(sentence);
  });

  test.each([
    ['Write a SQL query for the best customers into top.sql', 'top.sql', /^-- The simulation has no kit/],
    ['Create config/app.json with three settings', 'config/app.json', /^\{/],
    ['Give me 5 tips for better sleep, save them to tips.txt', 'tips.txt', /\n5\. /],
    ['Plan a party and save it to plans/party.md', 'plans/party.md', /The simulation has no kit/],
  ])(
    '%s: the file that was asked for is there, in a form that it allows',
    async (objective, path, content) => {
      expect((await made(objective)).files.get(path)).toMatch(content);
    },
  );

  test.each([
    'Write notes to ../../etc/passwd.txt',
    'Write notes to /etc/motd.txt',
    'Save it to C:\\temp\\x.txt please',
    'Write to ~/.ssh/config.txt',
    'Create a/../../b.txt now',
  ])('%s: nothing leads out of the workspace', async (objective) => {
    for (const path of (await made(objective)).files.keys())
      expect(path).toMatch(/^(docs|content)\/[\w-]+\.md$/);
  });

  test('counts are kept', async () => {
    const { files } = await made('Write three haikus about rain to rain.txt');
    expect(files.get('rain.txt')?.match(/^\d\. /gm)).toHaveLength(3);
  });
});

test("a task of the caller's own graph is read by its own words", async () => {
  const task = { agentType: 'analyst', objective: 'Two opinions and a decision' };
  const translated = await runAgentLoop(h.client, {
    ...task,
    name: 'Greeting',
    description: 'Translate "Good morning" into German and save it to greeting.txt.',
  });
  expect([...translated.files]).toEqual([['greeting.txt', 'Guten Morgen\n']]);
  const opinion = await runAgentLoop(h.client, {
    ...task,
    name: 'The case for',
    description: 'Argue for it.',
  });
  expect(opinion.submission?.summary).toContain(NO_KIT);
});

test('no file is claimed by an agent that has no tool to write one, or whose every write was refused', async () => {
  const tools = TOOLS.filter((tool) => !['write_file', 'edit_file'].includes(tool.name));
  const objective = 'Write a Python script that prints fizzbuzz';
  const { submission, files } = await runAgentLoop(h.client, {
    agentType: 'coder',
    objective,
    name: 'Do it',
    tools,
  });
  expect(files.size).toBe(0);
  expect(submission?.summary).not.toMatch(/wrote/i);
  expect(submission?.output).toContain('def fizz_buzz');
});
