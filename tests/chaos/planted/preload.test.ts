import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTempFolder } from '@claude-flow/testing/temp-folder';
import { expect, test } from 'vitest';
import { type Bug, plant } from './plant.ts';

/** Runs a program that prints what its module says, and what is in a text beside it. */
async function run(bugs: Bug[]): Promise<string> {
  await using folder = await createTempFolder('planted');
  writeFileSync(join(folder.path, 'script.lua'), 'if guard then return 1 end');
  writeFileSync(join(folder.path, 'part.ts'), 'export const part = (): string => "sound";');
  writeFileSync(
    join(folder.path, 'main.ts'),
    `import { readFileSync } from 'node:fs';
     import { part } from './part.ts';
     console.log(part(), readFileSync(new URL('./script.lua', import.meta.url), 'utf8'));`,
  );
  const args = [...plant(bugs), join(folder.path, 'main.ts')];
  return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

test('a bug is in the module and in the text as they are read', async () => {
  const bugs = [
    { file: 'part.ts', find: '"sound"', replace: '"broken"' },
    { file: 'script.lua', find: 'if \\w+ then (return 1) end', replace: '$1' },
  ];
  expect(await run(bugs)).toBe('broken return 1');
  expect(await run([])).toBe('sound if guard then return 1 end');
});

test('a bug whose place has moved keeps the process from starting, and says so', async () => {
  const moved = { file: 'script.lua', find: 'no longer here', replace: '' };
  await expect(run([moved])).rejects.toThrow(/The bug cannot be planted: .*script\.lua no longer has/);
});
