import { parseArgs } from 'node:util';
import type { ProcessKind } from './history.ts';
import { disk } from './modes/disk.ts';
import { load } from './modes/load.ts';
import { redis } from './modes/redis.ts';
import { rolling } from './modes/rolling.ts';
import { storm } from './modes/storm.ts';
import { sweep } from './modes/sweep.ts';
import { describeVerdict, type RunOptions, type Verdict } from './verdict.ts';

const MODES = ['sweep', 'approvals', 'storm', 'rolling', 'redis', 'disk'] as const;
/** Too long, or too much, to be among all of them. */
const BY_NAME_ONLY = ['load'] as const;
const HELP = `Faults over real processes, and checks that nothing was lost.

  pnpm chaos [sweep|approvals|storm|rolling|redis|disk] [options]      all six without a name
  pnpm chaos load [options]      1,000 swarms at once, and a graph of 10,000 tasks

  --seed N      repeats the choices of an earlier run (default: a new one)
  --swarms N    swarms of storm (30), rolling (24), redis (20), disk (18) and load (1,000; 0 with --tasks alone)
  --tasks N     tasks of load's graph (10,000; 0 with --swarms alone)
  --seconds N   length of the storm (60)
  --samples N   sweep, approvals: at most N commands of each kind of process, instead of every one
  --kind KIND   sweep, approvals: only worker, scheduler or api
  --cells N     sweep, approvals: clusters side by side (4)
  -h, --help    this text

Ends with 1 when an invariant was violated; the seed and the history file are printed.`;

function usage(message: string): never {
  process.stderr.write(`chaos: ${message}\nTry: pnpm chaos --help\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      args: process.argv.slice(2).filter((word) => word !== '--'),
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        swarms: { type: 'string' },
        seconds: { type: 'string' },
        tasks: { type: 'string' },
        samples: { type: 'string' },
        cells: { type: 'string' },
        kind: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const { positionals, values } = readArguments();

function count(name: 'seed' | 'swarms' | 'tasks' | 'seconds' | 'samples' | 'cells'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text) || (Number(text) === 0 && name !== 'seed')) {
    usage(`--${name} takes a whole number, not "${text}".`);
  }
  return Number(text);
}

function kindsAsked(): ProcessKind[] | undefined {
  const { kind } = values;
  if (kind === undefined) return undefined;
  if (kind !== 'worker' && kind !== 'scheduler' && kind !== 'api') {
    usage(`--kind takes worker, scheduler or api, not "${kind}".`);
  }
  return [kind];
}

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const ALL = [...MODES, ...BY_NAME_ONLY];
const asked: readonly string[] = positionals.length === 0 ? MODES : positionals;
for (const name of asked) if (!ALL.some((mode) => mode === name)) usage(`There is no mode "${name}".`);

const run: RunOptions = {
  seed: count('seed') ?? Math.floor(Math.random() * 1e9),
  say: (text) => process.stderr.write(`${text}\n`),
};
const swarms = count('swarms');
const tasks = count('tasks');
const samples = count('samples');
const cells = count('cells');
const kinds = kindsAsked();
const sweeping = {
  ...run,
  ...(samples === undefined ? {} : { samples }),
  ...(cells === undefined ? {} : { cells }),
};
const runs: Record<(typeof ALL)[number], () => Promise<Verdict | undefined>> = {
  sweep: () => sweep({ ...sweeping, ...(kinds === undefined ? {} : { kinds }) }),
  approvals: () => sweep({ ...sweeping, kinds: kinds ?? ['worker', 'api'], asking: true }),
  storm: () => storm({ ...run, swarms: swarms ?? 30, seconds: count('seconds') ?? 60 }),
  rolling: () => rolling({ ...run, swarms: swarms ?? 24, rounds: 3 }),
  redis: () => redis({ ...run, swarms: swarms ?? 20, rounds: 2 }),
  disk: () => disk({ ...run, swarms: swarms ?? 18, rounds: 2 }),
  load: () =>
    load({
      ...run,
      swarms: swarms ?? (tasks === undefined ? 1_000 : 0),
      tasks: tasks ?? (swarms === undefined ? 10_000 : 0),
    }),
};

for (const mode of ALL.filter((name) => asked.includes(name))) {
  process.stderr.write(`chaos ${mode}, seed ${run.seed}\n`);
  const verdict = await runs[mode]();
  if (verdict === undefined) {
    console.log(`chaos ${mode}: skipped, for no disk can be mounted here (it takes root and mount).`);
    continue;
  }
  console.log(describeVerdict(verdict));
  if (verdict.violations.length > 0) process.exitCode = 1;
}
