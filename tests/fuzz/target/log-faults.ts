import type { ProcessLine } from '@claude-flow/local-stack/processes/managed-process';

/** pino's number for an error. */
const ERROR_LEVEL = 50;
/** Enough to see the pattern. */
const MAX_KEPT = 20;

/** Collects what the APIs log as a mistake of theirs, or print outside their log. */
export function watchLog() {
  let faults: string[] = [];
  return {
    read({ process: name, text, stream }: ProcessLine): void {
      if (!name.startsWith('api-') || faults.length >= MAX_KEPT) return;
      if (stream === 'stderr' || isError(text)) faults.push(`${name} logged: ${text.slice(0, 2_000)}`);
    },
    take(): string[] {
      const taken = faults;
      faults = [];
      return taken;
    },
  };
}

function isError(text: string): boolean {
  try {
    const { level } = JSON.parse(text) as { level?: unknown };
    return typeof level === 'number' ? level >= ERROR_LEVEL : level === 'error' || level === 'fatal';
  } catch {
    return true;
  }
}
