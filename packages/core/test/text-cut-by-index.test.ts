import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** `text.slice(0, SOME_CHARS)` or `slice(0, 100)`, also behind `?.`: limits of texts are named so, or are numbers. */
const BY_INDEX =
  /\.(?:slice|substring)\(0, *(?:\w*(?:_CHARS|_LENGTH|_TEXT|_SUMMARY|_LIMIT)\b|room\b|[1-9][0-9]+\))|\.substr\(/;

it('no source cuts text by its index: half a character is left over; cutText is for that', async () => {
  const found: string[] = [];
  for (const folder of ['apps', 'packages']) {
    const names = await readdir(`${root}${folder}`);
    for (const name of names) {
      const files = await readdir(`${root}${folder}/${name}/src`, { recursive: true }).catch(() => []);
      for (const file of files.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))) {
        const path = `${folder}/${name}/src/${file}`;
        const lines = (await readFile(`${root}${path}`, 'utf8')).split('\n');
        for (const [index, line] of lines.entries())
          if (BY_INDEX.test(line)) found.push(`${path}:${index + 1}: ${line.trim()}`);
      }
    }
  }
  expect(found.filter((line) => !FINE.some((fine) => line.includes(fine)))).toEqual([]);
});

/** Lists that are cut to so many entries, digests, and text that has only characters of ASCII by then. */
const FINE = [
  'found.slice(0, LIST_LIMIT)',
  'stuck.slice(0, 10)',
  "'hex').slice(",
  "'_').slice(0, 128)",
  '.slice(0, 60)',
];
