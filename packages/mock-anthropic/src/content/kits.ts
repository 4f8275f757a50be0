import { calculatorKit } from './calculator.ts';
import { chatKit } from './chat.ts';
import { collectionKit } from './collection.ts';
import { comparisonKit } from './comparison.ts';
import { creativeKit } from './creative.ts';
import { documentKit } from './document.ts';
import type { Kit, KitMaker } from './kit.ts';
import type { Family, Objective } from './objective.ts';
import { restApiKit } from './rest-api/kit.ts';

const KITS: Readonly<Record<Family, KitMaker>> = {
  'rest-api': restApiKit,
  calculator: calculatorKit,
  chat: chatKit,
  collection: collectionKit,
  creative: creativeKit,
  comparison: comparisonKit,
  document: documentKit,
};

/** All that a swarm would write for an objective. */
export const kitFor = (objective: Objective): Kit => KITS[objective.family](objective);

/** Whether the result is a program that tests can run. */
export const isProgram = (kit: Kit): boolean => kit.unitTests.length > 0;
