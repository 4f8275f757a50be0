import { z } from 'zod';
import { cutText } from '../domain/cut-text.ts';
import { POLICY_TOOLS, TOOL_VERDICTS } from '../domain/tool-policy.ts';

/** `{ write_file: 'ask' }`: what an agent may do with each tool. Tools that are not named are allowed. */
export const toolPolicySchema = z.partialRecord(
  z.enum(POLICY_TOOLS),
  z.enum(TOOL_VERDICTS, { error: `A tool's policy is one of ${TOOL_VERDICTS.join(', ')}.` }),
  {
    // A name that is no tool's comes as `unrecognized_keys`, which zod's type of this error does not know.
    error: (issue) => {
      // `unrecognized_keys`
      const keys: unknown = issue['keys'];
      if (!Array.isArray(keys)) return undefined;
      return `A tool policy may name ${POLICY_TOOLS.join(', ')}; not ${cutText(keys.join(', '), 200)}.`;
    },
  },
);
