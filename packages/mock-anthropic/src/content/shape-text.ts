import { say } from './language.ts';
import type { Objective } from './objective.ts';

/** What the simulation says instead of pretending to know. */
export const noKit = (objective: Objective): string =>
  say(
    objective,
    'The simulation has no kit for this; this is the shape of the answer.',
    'Die Simulation hat dafür keinen Bausatz; dies ist nur die Form der Antwort.',
    'La simulación no tiene un módulo para esto; esta es solo la forma de la respuesta.',
  );
