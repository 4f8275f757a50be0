import { cutText } from '@claude-flow/core/domain/cut-text';
import { say } from '../content/language.ts';
import type { Brain } from './types.ts';
import { SIMULATED } from './types.ts';

/** Answers whoever names no agent type: a sentence, no tools. */
export const assistant: Brain = ({ objective, lastUserText }) => {
  const asked = cutText((lastUserText || objective.text).replace(/\s+/g, ' ').trim(), 200);
  return {
    thought: say(
      objective,
      'No role was given; a short answer will do.',
      'Keine Rolle genannt; eine kurze Antwort genügt.',
    ),
    text: say(objective, `You wrote: “${asked}”. ${SIMULATED}`, `Du schriebst: „${asked}“. ${SIMULATED}`),
    calls: [],
  };
};
