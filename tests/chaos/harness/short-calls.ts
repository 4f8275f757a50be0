import { plant } from '../planted/plant.ts';

/** Arguments of Node: a call of the model that hangs is given up in a time that fits into a run. */
export const SHORT_CALLS = plant([
  {
    file: 'runtime/tunables.ts',
    find: 'MODEL_CALL_TIMEOUT_MS = 120_000',
    replace: 'MODEL_CALL_TIMEOUT_MS = 5_000',
  },
]);
