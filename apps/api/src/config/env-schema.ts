import { z } from 'zod';
import { apiEnvFields } from './env-fields.ts';
import { checkRules, type Entry } from './env-rules.ts';

/** @param entry how the API is reached, which decides whom it is open to */
export const apiEnvSchema = (entry: Entry) =>
  z.object(apiEnvFields).superRefine(
    (env, context) =>
      checkRules(env, entry, (name, message) => context.addIssue({ code: 'custom', path: [name], message })),
    // Beside the faults of single variables, so that all are listed at once.
    { when: () => true },
  );
