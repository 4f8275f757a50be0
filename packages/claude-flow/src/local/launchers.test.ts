import { expect, test } from 'vitest';
import { launchersOf } from './launchers.ts';

const chain = (...commands: string[]) =>
  commands.map((command, index) => ({ pid: index + 10, parent: index + 9, command }));

test.each([
  [
    'npx, pnpm and the shells between them',
    [
      'bash',
      'npm exec pnpm@12 demo',
      "sh -c 'pnpm' demo",
      'pnpm demo',
      'sh -c trap x; node main.ts',
      'node main.ts',
    ],
    [14, 13, 12, 11],
  ],
  ['pnpm by itself', ['-zsh', '/opt/pnpm/pnpm demo', 'sh -c node main.ts', 'node main.ts'], [12, 11]],
  [
    'a runner that Node runs',
    ['bash', 'node /usr/lib/node_modules/npm/bin/npx-cli.js pnpm@12', 'node main.ts'],
    [11],
  ],
  ['none', ['bash', 'node main.ts'], []],
  [
    'a shell of the user that names npx, and may end',
    ['systemd', 'bash -c cd x && npx pnpm demo &', 'node main.ts'],
    [],
  ],
  [
    'a shell above the runner',
    ['sh -c npx pnpm@12 demo &', 'npm exec pnpm@12 demo', 'sh -c node main.ts', 'node main.ts'],
    [12, 11],
  ],
])('%s', (_name, commands, expected) => {
  const table = chain(...commands);
  const found = launchersOf(table.at(-1)?.pid ?? 0, table);
  expect(found.toSorted()).toEqual(expected.toSorted());
});
