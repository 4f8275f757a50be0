import { z } from 'zod';
import { apiEnvFields } from './env-fields.ts';
import { checkRules } from './env-rules.ts';

export const apiEnvSchema = z.object(apiEnvFields).superRefine(
  (env, context) =>
    checkRules(env, (name, message) => context.addIssue({ code: 'custom', path: [name], message })),
  // Beside the faults of single variables, so that all are listed at once.
  { when: () => true },
);
