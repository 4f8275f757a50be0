import { parseArgs } from 'node:util';
import { argumentFault } from '../local/arguments.ts';

export type DevOptions =
  | { kind: 'run'; watch: boolean }
  | { kind: 'help' }
  | { kind: 'usage-error'; message: string };

export const DEFAULT_PORT = 3000;

export const HELP = `Runs everything on this machine: API, scheduler, two workers, a private Redis and a
simulated model.

Usage: pnpm start    until Ctrl-C
       pnpm dev      the same, and processes restart when their source changes

  -h, --help  this text

Environment:
  PORT                where the API serves (default ${DEFAULT_PORT}, 0 for any free port)
  AUTH_ENABLED        true: callers need a key; one is made and printed
  ANTHROPIC_API_KEY   lets Claude do the work; without it the model is simulated
  ANTHROPIC_BASE_URL  another server that speaks the Messages API, also a local one
  CLAUDE_FLOW_MODEL   the model to use
  REDIS_URL           a Redis to use instead of a private one
  LOG_LEVEL           debug, info, warn or error
  NO_COLOR            no colours
  The other variables of docs/operations.md count too; one that cannot is named
  when it is set.
`;

/** Reads the command line; `pnpm start` passes `--no-watch`. */
export function parseDevOptions(args: readonly string[]): DevOptions {
  try {
    const { values } = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      allowNegative: true,
      options: {
        watch: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    return { kind: 'run', watch: values.watch };
  } catch (error) {
    return { kind: 'usage-error', message: argumentFault(error) };
  }
}
