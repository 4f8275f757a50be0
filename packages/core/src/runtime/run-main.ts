import { ClaudeFlowError, errorMessage } from '../domain/errors.ts';

/**
 * Runs a process's main function. A failure to start is one clear sentence on stderr (all faults of the environment, one
 * a line) and exit code 1; a stack is printed only for what is our own mistake.
 */
export function runMain(service: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    if (error instanceof ClaudeFlowError && error.code !== 'internal') {
      process.stderr.write(`${service}: ${error.message}\n`);
    } else {
      process.stderr.write(`${service}: cannot start: ${errorMessage(error)}\n`);
      if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    }
    process.exit(1);
  });
}

/** The line by which a supervisor learns that the process serves, and on which ports. */
export function readyLine(ports: { http?: number; health?: number }): Record<string, unknown> {
  return { event: 'process.ready', ports };
}
