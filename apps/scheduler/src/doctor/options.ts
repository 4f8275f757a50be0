import { parseArgs } from 'node:util';
import { errorMessage } from '@claude-flow/core/domain/errors';

export interface DoctorOptions {
  repair: boolean;
  json: boolean;
  help: boolean;
}

export const USAGE = `Looks at every swarm, worker and key for what does not mend itself, while the system runs.

  pnpm run doctor [--repair] [--json]

  --dry-run  only tell what was found (the default)
  --repair   mend it, as the scheduler's sweep does
  --json     a line of JSON for each finding on stdout
  -h, --help this text

REDIS_URL and REDIS_PREFIX say where to look. Exit code 0: nothing found, or all of it mended; 1: something is left; 2: usage.
`;

/** @returns a sentence when the arguments are of no use */
export function readOptions(args: string[]): DoctorOptions | string {
  try {
    const { values } = parseArgs({
      args: args.filter((arg) => arg !== '--'),
      options: {
        repair: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.repair && values['dry-run']) return 'Give --repair or --dry-run, not both.';
    return { repair: values.repair, json: values.json, help: values.help };
  } catch (error) {
    return errorMessage(error);
  }
}
