import { fileURLToPath } from 'node:url';

/** A bug put into a process as it loads its files; the product has no switch for it. */
export interface Bug {
  /** End of the path of the file to change. */
  file: string;
  /** A regular expression for what has to be there, once or more. */
  find: string;
  replace: string;
}

const PRELOAD = fileURLToPath(new URL('./preload.mjs', import.meta.url));

/** Arguments of Node for a process with these bugs. It refuses to start with one whose place has moved. */
export function plant(bugs: readonly Bug[]): string[] {
  const encoded = Buffer.from(JSON.stringify(bugs)).toString('base64url');
  return ['--import', `data:text/javascript,globalThis.plantedBugs="${encoded}"`, '--import', PRELOAD];
}

const FENCE =
  "if not task or task\\.status ~= 'running' or task\\.token ~= A\\.token then return \\{ FENCED \\} end";
const NO_FENCE = 'if not task then return { FENCED } end';

/** The ledger no longer asks whether a result comes from the attempt that has the task. */
export const DROP_THE_FENCE: readonly Bug[] = [
  {
    file: 'lua/complete-tasks.lua',
    find: "elseif task and task\\.status == 'running' and task\\.token == one\\.token then",
    replace: 'elseif task then',
  },
  { file: 'lua/heartbeat-task.lua', find: FENCE, replace: NO_FENCE },
];

/** No scheduler looks after what was lost. */
export const DROP_THE_SWEEP: readonly Bug[] = [
  {
    file: 'loops/sweep/sweep.ts',
    find: 'export async function sweepOnce\\([^)]*\\): Promise<void> \\{',
    replace: '$& return;',
  },
];

/** Every swarm is everybody's. */
export const DROP_THE_OWNER: readonly Bug[] = [
  {
    file: 'src/auth/access.ts',
    find: '\\(principal\\.seesAll \\|\\| swarm\\.owner === principal\\.owner\\)',
    replace: 'true',
  },
];

/** A worker does not hear of a stop, nor does it ask the ledger before it repeats a call. */
export const DROP_THE_STOP: readonly Bug[] = [
  { file: 'lease/lease-keeper.ts', find: "answer === 'cancel' \\|\\| ", replace: '' },
  { file: 'lease/lease-keeper.ts', find: "task\\.lose\\('cancel'\\)", replace: 'void task' },
  { file: 'agent/run-agent.ts', find: 'onFailed, beforeRetry \\}', replace: 'onFailed }' },
];

/** Whoever comes back gets everything from the beginning. */
export const DROP_THE_PLACE: readonly Bug[] = [
  {
    file: 'relay/follow-swarm.ts',
    find: '\\{ seq: from\\.after, epoch: from\\.epoch \\}',
    replace: '{ seq: 0, epoch: undefined }',
  },
];

/** A worker that is told to stop throws away the answer that it has just paid for. */
export const DROP_THE_LAST_TURN: readonly Bug[] = [
  {
    file: 'agent/run-agent.ts',
    find: 'if \\(!answer\\.priced\\)',
    replace: 'deps.drain.throwIfAborted(); if (!answer.priced)',
  },
];

/** Nobody takes back the place of a swarm that has ended. */
export const DROP_THE_RETURN: readonly Bug[] = [
  {
    file: 'queue/places.ts',
    find: 'const \\[outcome\\] = await deps\\.queues\\.scripts\\.run\\(.free-place., \\{ swarmId, takenAt \\}\\);\\s+return Number\\(outcome\\);',
    replace: 'return 0;',
  },
  {
    file: 'store/swarms.ts',
    find: 'await ledger\\.redis\\.zrem\\(ledger\\.keys\\.startedSwarms, swarmId\\);',
    replace: '',
  },
];
