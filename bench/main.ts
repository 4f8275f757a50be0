import { parseArgs } from 'node:util';

/** `pnpm bench [name ...]`: all benchmarks, or those named. Each prints ratios against a reference of the same run. */
const BENCHES: Record<string, () => Promise<{ main(): Promise<void> }>> = {
  engine: () => import('./engine/main.ts'),
  api: () => import('./api/main.ts'),
  memory: () => import('./memory/main.ts'),
  recovery: () => import('./recovery/main.ts'),
  relay: () => import('./relay/main.ts'),
  holds: () => import('./holds/main.ts'),
};

const HELP = `Measures the system on this machine. Each figure is a ratio against a reference of the same run.

Usage: pnpm bench [${Object.keys(BENCHES).join('|')}] ...      all without a name
`;

function refuse(message: string): never {
  process.stderr.write(`bench: ${message}\nTry: pnpm bench --help\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      args: process.argv.slice(2).filter((word) => word !== '--'),
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h', default: false } },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { positionals: wanted, values } = readArguments();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  refuse(`There is no benchmark ${unknown.join(', ')}. There is: ${Object.keys(BENCHES).join(', ')}.`);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`== ${name}`);
  await (await load()).main();
}
