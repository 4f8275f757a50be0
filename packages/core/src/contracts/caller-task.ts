import { z } from 'zod';
import { DEFAULT_PERMISSIONS_TEXT } from '../domain/default-permissions.ts';
import { nameLine } from '../domain/one-line.ts';
import { FAILURE_POLICIES } from '../domain/states.ts';
import { MAX_GRAPH_TASKS } from '../domain/task-graph.ts';
import { AGENT_TYPES, PERMISSIONS, PRIORITIES, TASK_TYPES } from '../domain/vocabulary.ts';
import { strictFields } from './strict-fields.ts';
import { toolPolicySchema } from './tool-policy.ts';

const NO_CHECKS =
  'checks are not run yet: agents have no way to execute commands. Leave checks out, and say in description what has to be true when the task is done.';

/** Acceptance checks of a task. Until commands can be run they are refused, for ignored ones would promise what nobody does. */
const noChecks = z
  .array(z.unknown(), NO_CHECKS)
  .refine((checks) => checks.length === 0, NO_CHECKS)
  .optional()
  .meta({ maxItems: 0, description: 'Not supported yet: any check is refused' });

/** Keys of tasks, and so the dependencies that name them. */
const MAX_KEY_CHARS = 64;
/** Capabilities, or tools, that a caller may name for one task, and how long each may be. */
const MAX_WORDS = 50;
const MAX_WORD_CHARS = 100;
const words = z.array(z.string().min(1).max(MAX_WORD_CHARS)).max(MAX_WORDS).default([]);

/** What people write beside a task's fields although it has its place in `requirements`. */
export const MISPLACED_IN_TASK = {
  toolPolicy: 'requirements.toolPolicy',
  permissions: 'requirements.permissions',
  tools: 'requirements.tools',
  capabilities: 'requirements.capabilities',
  dependsOn: 'dependencies',
};

/**
 * What every task of a caller has, whether it comes with the swarm or is added to it. Made anew for each schema: what the API adds
 * for its documentation is not known to schemas that were made before.
 */
export const callerTaskFields = () => ({
  name: z.string().overwrite(nameLine).min(3).max(200),
  description: z.string().min(10).max(4000),
  type: z.enum(TASK_TYPES),
  priority: z.enum(PRIORITIES).default('normal'),
  requirements: strictFields({
    capabilities: words,
    tools: words,
    permissions: z
      .array(z.enum(PERMISSIONS))
      .max(PERMISSIONS.length)
      .optional()
      .describe(DEFAULT_PERMISSIONS_TEXT),
    toolPolicy: toolPolicySchema
      .optional()
      .describe('Per tool: allow, ask or deny; the stricter of this and the swarm’s options.toolPolicy wins'),
  }).prefault({}),
  onFailure: z.enum(FAILURE_POLICIES).default('skip-dependents'),
  timeout: z.number().int().min(1_000).max(3_600_000).optional(),
  maxRetries: z.number().int().min(0).max(10).optional(),
  checks: noChecks,
});

const fields = callerTaskFields();

/** A task of a caller's own graph, at creation. */
export const callerTaskSchema = strictFields(
  {
    key: z.string().min(1).max(MAX_KEY_CHARS),
    ...fields,
    type: fields.type.default('custom'),
    agentType: z.enum(AGENT_TYPES).default('specialist'),
    dependencies: z.array(z.string().max(MAX_KEY_CHARS)).max(MAX_GRAPH_TASKS).default([]),
  },
  MISPLACED_IN_TASK,
);
export type CallerTask = z.infer<typeof callerTaskSchema>;
