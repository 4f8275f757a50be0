import { parseArgs } from 'node:util';
import { argumentFault } from '../local/arguments.ts';

export const DEFAULT_OBJECTIVE = 'Build a REST API for user management';
const OBJECTIVE_LENGTH = { least: 10, most: 2_000 };

export type DemoOptions =
  | { kind: 'run'; objective: string; keep: boolean }
  | { kind: 'help' }
  | { kind: 'usage-error'; message: string };

export const HELP = `Runs a swarm of agents on this machine, from nothing to the results.

Usage: pnpm demo [objective] [--keep]

Starts a private Redis, one API, one scheduler and two workers, gives them the
objective, shows the agents at work, writes the files they made to ./artifacts,
and ends everything again.

  --keep      leave everything running afterwards, until Ctrl-C
  -h, --help  this text

Examples:
  pnpm demo
  pnpm demo "Compare three message queues for a small team"
  pnpm demo --keep
  ANTHROPIC_API_KEY=sk-ant-... pnpm demo "Write a command line todo list"

Environment:
  ANTHROPIC_API_KEY   lets Claude do the work; without it the model is simulated
  ANTHROPIC_BASE_URL  another server that speaks the Messages API, also a local one
  CLAUDE_FLOW_MODEL   the model to use
  PORT                where the API serves (default: any free port)
  AUTH_ENABLED        true: callers need a key; --keep prints one
  REDIS_URL           a Redis to use instead of a private one
  NO_COLOR            no colours
  The other variables of docs/operations.md count too; one that cannot is named
  when it is set.

Exit code: 0 completed, 1 could not run, 2 wrong usage, 5 the swarm failed,
130 interrupted
`;

/** Reads the command line. pnpm passes on the `--` that separates its own options from ours, so a first one is dropped. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const own = args[0] === '--' ? args.slice(1) : [...args];
  try {
    const { values, positionals } = parseArgs({
      args: own,
      allowPositionals: true,
      options: {
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    // Given and empty is not the same as not given: a script's variable may be unset.
    const objective = positionals.length === 0 ? DEFAULT_OBJECTIVE : positionals.join(' ').trim();
    const { length } = [...objective];
    if (length < OBJECTIVE_LENGTH.least || length > OBJECTIVE_LENGTH.most) {
      const { least, most } = OBJECTIVE_LENGTH;
      const message = `The objective must have ${least} to ${most} characters; it has ${length}.`;
      return { kind: 'usage-error', message };
    }
    return { kind: 'run', objective, keep: values.keep };
  } catch (error) {
    return { kind: 'usage-error', message: argumentFault(error) };
  }
}
