import type { Logger } from '@claude-flow/core/runtime/logger';
import type { LeftOut } from './wire/model-fetch.ts';

/** For the log of the process: said once of each server and model. */
export function tellLeftOut(log: Logger): (notice: LeftOut) => void {
  return ({ server, model, fields }) =>
    log.warn(
      { server, model, fields },
      'The model server refuses an optional part of the request; it is left out from now on',
    );
}
