import { assistant } from './assistant.ts';
import { coder } from './coder.ts';
import { planner } from './planner.ts';
import { reviewer } from './reviewer.ts';
import { synthesizer } from './synthesizer.ts';
import { tester } from './tester.ts';
import type { Brain, BrainInput, Reply } from './types.ts';
import { analyst, architect, coordinator, researcher, specialist } from './writers.ts';

const BRAINS: Readonly<Record<string, Brain>> = {
  planner,
  coordinator,
  coder,
  tester,
  reviewer,
  researcher,
  analyst,
  architect,
  specialist,
  synthesizer,
  assistant,
};

/** The next turn of whoever the system prompt says is speaking; an unknown type works as a specialist. */
export const think = (input: BrainInput): Reply => (BRAINS[input.agentType] ?? specialist)(input);
