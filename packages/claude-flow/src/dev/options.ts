import { parseArgs } from 'node:util';

export type DevOptions =
  | { kind: 'run'; port: number }
  | { kind: 'help' }
  | { kind: 'usage-error'; message: string };

const DEFAULT_PORT = 3000;

export const HELP = `Runs all processes for development: they restart when their source changes.

Usage: pnpm dev

Environment:
  PORT                where the API serves (default ${DEFAULT_PORT}, 0 for any free port)
  ANTHROPIC_API_KEY   lets Claude do the work; without it the model is simulated
  ANTHROPIC_BASE_URL  another server that speaks the Messages API, also a local one
  CLAUDE_FLOW_MODEL   the model to use
  REDIS_URL           a Redis to use instead of a private one
  LOG_LEVEL           debug, info, warn or error
  NO_COLOR            no colours
`;

export function parseDevOptions(args: readonly string[], env: NodeJS.ProcessEnv): DevOptions {
  const own = args[0] === '--' ? args.slice(1) : [...args];
  try {
    const { values } = parseArgs({
      args: own,
      options: { help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) return { kind: 'help' };
  } catch (error) {
    return { kind: 'usage-error', message: error instanceof Error ? error.message : String(error) };
  }
  const text = env['PORT'] || String(DEFAULT_PORT);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    return { kind: 'usage-error', message: 'PORT must be a whole number from 0 to 65535.' };
  return { kind: 'run', port };
}
