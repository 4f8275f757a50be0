import { unknownField } from '@claude-flow/core/contracts/strict-fields';
import { POLICY_NAMES, toolPolicySchema } from '@claude-flow/core/contracts/tool-policy';
import { nearName } from '@claude-flow/core/domain/near-name';
import { z } from '@hono/zod-openapi';
import { withinBytes } from '../http/schemas/json-bytes.ts';

const MAX_OPTIONS_BYTES = 16 * 1024;

/** What would restrict if it stood where it belongs. */
const MISPLACED: Readonly<Record<string, string>> = {
  policy: 'options.toolPolicy',
  budget: 'budget, beside options',
  maxTokens: 'budget, beside options',
  maxCostUsd: 'budget, beside options',
  permissions: 'tasks[].requirements.permissions',
  requirements: 'tasks[].requirements',
  ...Object.fromEntries(POLICY_NAMES.map((tool) => [tool, 'options.toolPolicy'])),
};
const KNOWN = ['toolPolicy'];

/** Hints that anybody may make up, and one field that restricts: what looks like it must not be taken for a hint. */
export const swarmOptions = z
  .looseObject({
    toolPolicy: toolPolicySchema.optional().openapi({
      description:
        'Per tool or class of tools (read, write): allow, ask (a person decides on each call, see approvals) or deny. The stricter of this and a task’s own wins.',
      example: { write: 'ask' },
    }),
  })
  .superRefine((options, context) => {
    if (!withinBytes('options', options, MAX_OPTIONS_BYTES, context)) return;
    for (const key of Object.keys(options)) {
      if (KNOWN.includes(key)) continue;
      if (!Object.hasOwn(MISPLACED, key) && nearName(key, KNOWN) === undefined) continue;
      context.addIssue({ code: 'custom', path: [key], message: unknownField(key, KNOWN, MISPLACED) });
    }
  })
  .prefault({})
  .openapi({
    'x-max-bytes': MAX_OPTIONS_BYTES,
    description:
      'Hints for planner and agents, e.g. includeTests, verbosity; and toolPolicy. At most 16 KiB as JSON.',
  });
