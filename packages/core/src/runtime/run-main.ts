import { ClaudeFlowError } from '../domain/errors.ts';
import { errorText, scrub } from './error-record.ts';

/**
 * Runs a process's main function. A failure to start is one clear sentence on stderr (all faults of the environment, one
 * a line) and exit code 1; a stack is printed only for what is our own mistake.
 */
export function runMain(service: string, main: () => Promise<void>): void {
  endOnStrayErrors(service);
  main().catch((error: unknown) => {
    process.stderr.write(`${service}: ${failureText(error)}\n`);
    process.exit(1);
  });
}

/** Why a program does not start, for its user: a sentence, or all about what is our own mistake. */
export function failureText(error: unknown): string {
  if (error instanceof ClaudeFlowError && error.code !== 'internal') return scrub(error.message);
  return `cannot start: ${errorText(error)}`;
}

/** An error that nobody caught ends the process as ever, but is printed without what hangs on it: Node prints it whole. */
export function endOnStrayErrors(service: string): void {
  process.on('uncaughtException', (error: unknown) => {
    process.stderr.write(`${service}: a mistake of ours, the process ends: ${errorText(error)}\n`);
    process.exit(1);
  });
}

/** The line by which a supervisor learns that the process serves, and on which ports. */
export function readyLine(ports: { http?: number; health?: number }): Record<string, unknown> {
  return { event: 'process.ready', ports };
}
