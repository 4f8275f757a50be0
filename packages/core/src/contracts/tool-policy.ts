import { z } from 'zod';
import { POLICY_CLASSES, POLICY_TOOLS, TOOL_VERDICTS } from '../domain/tool-policy.ts';
import { unknownField } from './strict-fields.ts';

/** What a policy may name: tools, and classes of tools. */
export const POLICY_NAMES = [...POLICY_CLASSES, ...POLICY_TOOLS] as const;

/** `{ write: 'ask' }`: what an agent may do with each tool, or with each of a class. What is not named is allowed. */
export const toolPolicySchema = z
  .partialRecord(
    z.enum(POLICY_NAMES),
    z.enum(TOOL_VERDICTS, { error: `A tool's policy is one of ${TOOL_VERDICTS.join(', ')}.` }),
    {
      // A name that is no tool's comes as `unrecognized_keys`, which zod's type of this error does not know.
      error: (issue) => {
        const keys: unknown = issue['keys'];
        return Array.isArray(keys)
          ? keys.map((key) => unknownField(String(key), POLICY_NAMES)).join(' ')
          : undefined;
      },
    },
  )
  .meta({ additionalProperties: false });
