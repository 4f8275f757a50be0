import { parseArgs } from 'node:util';
import { errorMessage } from '../domain/errors.ts';

const EXIT_USAGE = 2;

export interface ProcessUsage {
  /** As it is started: `start:worker`. */
  command: string;
  /** What it does, in one sentence. */
  does: string;
  /** `NAME  what it is for`, the most needed first. */
  variables: readonly string[];
}

function helpText({ command, does, variables }: ProcessUsage): string {
  return `${does}

Usage: pnpm ${command}

It takes no arguments. Environment (all variables: docs/operations.md):
${variables.map((line) => `  ${line}`).join('\n')}
`;
}

/**
 * For processes that the environment alone configures: answers `--help`, and refuses every other argument with exit code
 * 2, for whoever gives one expects it to count.
 * @returns whether the process is to start
 */
export function startsWithoutArguments(usage: ProcessUsage, args = process.argv.slice(2)): boolean {
  try {
    const { values } = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: { help: { type: 'boolean', short: 'h', default: false } },
    });
    if (!values.help) return true;
    process.stdout.write(helpText(usage));
  } catch (error) {
    process.stderr.write(`${usage.command}: ${errorMessage(error)}\nTry: pnpm ${usage.command} --help\n`);
    process.exitCode = EXIT_USAGE;
  }
  return false;
}
