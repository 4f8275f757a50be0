import { parseArgs } from 'node:util';
import { fuzzBodies } from './modes/bodies.ts';
import { fuzzBytes } from './modes/bytes.ts';
import { fuzzFloods } from './modes/floods.ts';
import { fuzzFrames } from './modes/frames.ts';
import { fuzzReaders } from './modes/readers.ts';
import { fuzzRequests } from './modes/requests.ts';
import { describeVerdict, type RunOptions, type Verdict } from './run.ts';
import { IMPATIENCE, startTarget, type Target } from './target/target.ts';

const MODES = ['requests', 'bytes', 'frames', 'bodies', 'readers', 'floods'] as const;
type Mode = (typeof MODES)[number];
const HELP = `Hostile clients against real API processes: no 5xx, no hang, nothing the contract does not describe.

  pnpm fuzz [${MODES.join('|')}] [options]      all without a name

  --seed N     repeats the choices of an earlier run (FUZZ_SEED; default: a new one)
  --runs N     how many things each mode tries (FUZZ_RUNS; default 2000)
  --path P     only the failure with this path, as it was printed (FUZZ_PATH)
  --survey     one example of each kind of fault, instead of the first one shrunk
  -h, --help   this text

Ends with 1 when something was found; seed, path and the shrunk counterexample are printed.`;

function usage(message: string): never {
  process.stderr.write(`fuzz: ${message}\nTry: pnpm fuzz --help\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      args: process.argv.slice(2).filter((word) => word !== '--'),
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        runs: { type: 'string' },
        path: { type: 'string' },
        survey: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const { positionals, values } = readArguments();

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^-?\d{1,10}$/.test(text)) usage(`${name} takes a whole number, not "${text}".`);
  return Number(text);
}

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
for (const name of positionals)
  if (!MODES.some((mode) => mode === name)) usage(`There is no mode "${name}".`);
const seed = whole('--seed', values.seed ?? process.env['FUZZ_SEED']);
const path = values.path ?? process.env['FUZZ_PATH'];
const options: RunOptions = {
  runs: whole('--runs', values.runs ?? process.env['FUZZ_RUNS']) ?? 2_000,
  survey: values.survey,
  say: (text) => process.stderr.write(`${text}\n`),
  ...(seed === undefined ? {} : { seed }),
  ...(path === undefined ? {} : { path }),
};

const run: Record<Mode, (target: Target) => Promise<Verdict>> = {
  requests: (target) => fuzzRequests(target, options),
  // Each run holds many connections open until the server ends them.
  bytes: (target) => fuzzBytes(target, { ...options, runs: Math.ceil(options.runs / 20) }),
  frames: (target) => fuzzFrames(target, { ...options, runs: Math.ceil(options.runs / 10) }),
  bodies: (target) => fuzzBodies(target, { ...options, runs: Math.ceil(options.runs / 10) }),
  // Each run waits for readers that have to be disconnected.
  readers: (target) => fuzzReaders(target, { ...options, runs: Math.ceil(options.runs / 50) }),
  floods: (target) => fuzzFloods(target, { ...options, runs: Math.ceil(options.runs / 50) }),
};

const target = await startTarget(IMPATIENCE);
try {
  for (const mode of MODES.filter((name) => positionals.length === 0 || positionals.includes(name))) {
    const verdict = await run[mode](target);
    console.log(describeVerdict(verdict));
    if (verdict.failure !== undefined) process.exitCode = 1;
  }
} finally {
  await target.stop();
}
