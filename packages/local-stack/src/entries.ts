import { fileURLToPath } from 'node:url';

/** The kinds of process of a stack. */
export type ProcessKind = 'api' | 'scheduler' | 'worker' | 'mock';

/** The file that each kind of process runs, as a path. */
export type Entries = Record<ProcessKind, string>;

const fromRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Where the processes of this repository start. */
export const repositoryEntries: Entries = {
  api: fromRepository('apps/api/src/main.ts'),
  scheduler: fromRepository('apps/scheduler/src/main.ts'),
  worker: fromRepository('apps/worker/src/main.ts'),
  mock: fromRepository('packages/mock-anthropic/src/main.ts'),
};
