import type { Entry } from '../history.ts';
import { askedOnce } from './approvals.ts';
import { nothingIsLeft, spend } from './costs.ts';
import { logIsGapFree, readersSeeAll } from './events.ts';
import { callsBelongToSwarms, gracefulStopIsFree, nothingBeginsAfterAStop } from './model-calls.ts';
import { othersSeeNothing } from './owners.ts';
import {
  acceptedImpliesFound,
  everySwarmEnds,
  nothingFailsByItself,
  oneSwarmAKey,
  terminalIsFinal,
} from './swarms.ts';
import { attemptsOnlyRise, dependenciesFirst, everyTaskEnds, oneResultATask } from './tasks.ts';
import type { Violation } from './violation.ts';

const CHECKERS = [
  acceptedImpliesFound,
  oneSwarmAKey,
  everySwarmEnds,
  everyTaskEnds,
  nothingFailsByItself,
  terminalIsFinal,
  oneResultATask,
  dependenciesFirst,
  attemptsOnlyRise,
  askedOnce,
  logIsGapFree,
  readersSeeAll,
  othersSeeNothing,
  callsBelongToSwarms,
  nothingBeginsAfterAStop,
  gracefulStopIsFree,
  spend,
  nothingIsLeft,
];

/** Everything in a history that contradicts an invariant; empty when all is well. */
export const checkAll = (entries: readonly Entry[]): Violation[] =>
  CHECKERS.flatMap((check) => check(entries));
