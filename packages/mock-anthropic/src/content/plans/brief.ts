import type { Kit } from '../kit.ts';
import type { Objective } from '../objective.ts';
import type { Step } from './step.ts';
import { half } from './step.ts';

const review: Step = {
  key: 'review',
  agent: 'reviewer',
  after: ['core', 'surface'],
  en: ['Review the result', 'Does it give what was asked for, and nothing else?'],
  de: ['Ergebnis prüfen', 'Gibt es, was verlangt war, und nichts anderes?'],
  es: ['Revisar el resultado', '¿Da lo que se pidió, y nada más?'],
};

const outline: Step = {
  key: 'outline',
  agent: 'analyst',
  priority: 'high',
  en: ['Outline the answer', 'Say what is asked for, and in which form.'],
  de: ['Antwort umreißen', 'Sagen, was verlangt ist und in welcher Form.'],
  es: ['Esbozar la respuesta', 'Decir qué se pide y en qué forma.'],
};

/** Two parts at the same time and a look at both: as much plan as a small request needs. */
export const brief = (objective: Objective, kit: Kit): Step[] => {
  const outlined = kit.plan === 'outlined';
  const after = outlined ? ['outline'] : [];
  return [
    ...(outlined ? [outline] : []),
    half(objective, kit, 'core', after),
    half(objective, kit, 'surface', after),
    review,
  ];
};
