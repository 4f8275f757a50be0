import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTempFolder, type TempFolder } from '@claude-flow/testing/temp-folder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSearchService, type SearchService } from './search-service.ts';

let one: TempFolder;
let other: TempFolder;
let service: SearchService;
beforeEach(async () => {
  [one, other] = [await createTempFolder('search'), await createTempFolder('search')];
  for (const { path } of [one, other]) await writeFile(join(path, 'a.txt'), `${'a'.repeat(60)}!\nneedle\n`);
  service = createSearchService({ timeMs: 500 });
});
afterEach(async () => {
  await service.close();
  await one.remove();
  await other.remove();
});

const ENDLESS = '^(a+)+$';
const threads = async () => (await readdir('/proc/self/task')).length;
const never = new AbortController().signal;
const searchIn = ({ path }: TempFolder, pattern: string, signal = never) =>
  service.search({ root: path, start: '', pattern }, signal);

describe('searches of several tasks', () => {
  it('take turns: two hundred of one task are not before the one of another', async () => {
    const ended: string[] = [];
    const note = (name: string) => () => void ended.push(name);
    const many = Array.from({ length: 200 }, () => searchIn(one, 'needle').then(note('many')));
    await searchIn(other, 'needle').then(note('one'));
    expect(ended.indexOf('one')).toBeLessThanOrEqual(2);
    await Promise.all(many);
    expect(ended).toHaveLength(201);
  });

  it('have one thread, however many there are', async () => {
    await searchIn(one, 'needle');
    const before = await threads();
    const many = Array.from({ length: 200 }, () => searchIn(one, 'needle'));
    await searchIn(other, 'needle');
    expect(await threads()).toBeLessThanOrEqual(before);
    await Promise.all(many);
  });

  it.skipIf(process.platform !== 'linux')(
    'go on after one that is endless, which is not another one’s time',
    async () => {
      const endless = searchIn(one, ENDLESS);
      const behind = searchIn(other, 'needle');
      await expect(endless).rejects.toThrow('longer than 0.5 seconds');
      const { text, waitedMs } = await behind;
      expect(text).toBe('a.txt:2: needle');
      // It waited for the whole of the other's, and had all of its own time then.
      expect(waitedMs).toBeGreaterThan(500);
    },
  );

  it('end at once when their attempt does, also in the queue', async () => {
    const stop = new AbortController();
    const endless = searchIn(one, ENDLESS);
    const queued = searchIn(one, 'needle', stop.signal);
    stop.abort(new Error('stopped'));
    await expect(queued).rejects.toThrow('stopped');
    await expect(endless).rejects.toThrow('longer than');
    expect((await searchIn(one, 'needle')).text).toContain('needle');
  });
});
