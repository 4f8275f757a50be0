import { modelFault } from './model-choice.ts';
import { portIn } from './variables.ts';

/** A fault in what the command itself reads, in a sentence; found before anything is started. */
export function variableFault(env: NodeJS.ProcessEnv): string | undefined {
  try {
    portIn(env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return modelFault(env);
}
