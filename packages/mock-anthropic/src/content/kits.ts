import { calculatorKit } from './calculator.ts';
import { chatKit } from './chat.ts';
import { collectionKit } from './collection.ts';
import { comparisonKit } from './comparison.ts';
import { creativeKit } from './creative.ts';
import { fixKit } from './fix.ts';
import type { Kit, KitMaker } from './kit.ts';
import type { Family, Objective } from './objective.ts';
import { pageKit } from './page.ts';
import { reportKit } from './report.ts';
import { restApiKit } from './rest-api/kit.ts';
import { scriptKit } from './script.ts';
import { shapeKit } from './shape.ts';
import { translationKit } from './translation.ts';

const KITS: Readonly<Record<Family, KitMaker>> = {
  'rest-api': restApiKit,
  calculator: calculatorKit,
  chat: chatKit,
  collection: collectionKit,
  creative: creativeKit,
  comparison: comparisonKit,
  fix: fixKit,
  translation: translationKit,
  script: scriptKit,
  page: pageKit,
  report: reportKit,
  shape: shapeKit,
};

/** All that a swarm would write for an objective. */
export const kitFor = (objective: Objective): Kit => KITS[objective.family](objective);

/** Whether the result is a program that tests can run. */
export const isProgram = (kit: Kit): boolean => kit.unitTests.length > 0;
