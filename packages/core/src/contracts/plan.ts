import { z } from 'zod';
import { DEFAULT_PERMISSIONS_TEXT } from '../domain/default-permissions.ts';
import { oneLine } from '../domain/one-line.ts';
import { FAILURE_POLICIES } from '../domain/states.ts';
import type { TaskSpec } from '../domain/task.ts';
import { MAX_GRAPH_TASKS } from '../domain/task-graph.ts';
import { AGENT_TYPES, PERMISSIONS, PRIORITIES, TASK_TYPES } from '../domain/vocabulary.ts';
import { toolPolicySchema } from './tool-policy.ts';

/** One task as a model, a template or a caller plans it. */
export const plannedTaskSchema = z.object({
  key: z.string().min(1).max(64).describe('Short unique name that other tasks refer to in dependsOn'),
  name: z.string().overwrite(oneLine).min(3).max(200),
  description: z.string().min(10).max(4000).describe('What the agent has to do, complete in itself'),
  type: z.enum(TASK_TYPES),
  agentType: z.enum(AGENT_TYPES),
  priority: z.enum(PRIORITIES),
  dependsOn: z.array(z.string()).describe('Keys of the tasks whose results this one needs'),
  expectedOutput: z.string().max(1000).describe('What will exist when the task is done'),
});
export type PlannedTask = z.infer<typeof plannedTaskSchema>;

/** What the planning model answers with. */
export const planSchema = z.object({
  summary: z.string().describe('One or two sentences on how the objective is approached'),
  tasks: z.array(plannedTaskSchema),
});
export type Plan = z.infer<typeof planSchema>;

const NO_CHECKS =
  'checks are not run yet: agents have no way to execute commands. Leave checks out, and say in description what has to be true when the task is done.';

/** Acceptance checks of a task. Until commands can be run they are refused, for ignored ones would promise what nobody does. */
export const noChecks = z
  .array(z.unknown(), NO_CHECKS)
  .refine((checks) => checks.length === 0, NO_CHECKS)
  .optional()
  .describe('Not supported yet: any check is refused');

/** Capabilities, or tools, that a caller may name for one task. */
const MAX_WORDS = 50;

/** A task of a caller's own graph, at creation. */
export const callerTaskSchema = z.object({
  key: z.string().min(1).max(64),
  name: z.string().overwrite(oneLine).min(3).max(200),
  description: z.string().min(10).max(4000),
  type: z.enum(TASK_TYPES).default('custom'),
  agentType: z.enum(AGENT_TYPES).default('specialist'),
  priority: z.enum(PRIORITIES).default('normal'),
  dependencies: z.array(z.string()).max(MAX_GRAPH_TASKS).default([]),
  requirements: z
    .object({
      capabilities: z.array(z.string()).max(MAX_WORDS).default([]),
      tools: z.array(z.string()).max(MAX_WORDS).default([]),
      permissions: z
        .array(z.enum(PERMISSIONS))
        .max(PERMISSIONS.length)
        .optional()
        .describe(DEFAULT_PERMISSIONS_TEXT),
      toolPolicy: toolPolicySchema.optional(),
    })
    .prefault({}),
  onFailure: z.enum(FAILURE_POLICIES).default('skip-dependents'),
  timeout: z.number().int().min(1_000).max(3_600_000).optional(),
  maxRetries: z.number().int().min(0).max(10).optional(),
  checks: noChecks,
});
export type CallerTask = z.infer<typeof callerTaskSchema>;

/** Where a plan came from. */
export const PLAN_SOURCES = ['model', 'template', 'caller'] as const;
export type PlanSource = (typeof PLAN_SOURCES)[number];

/** What `store-plan` takes: a checked plan with its ids given out. */
export interface StoredPlan {
  source: PlanSource;
  /** The model's plan could not be used and the strategy's template took its place. */
  degraded: boolean;
  /** Why it is degraded, in a sentence. */
  degradedReason?: string;
  /** What was odd about the model's plan and was mended, each a sentence; left out when there was nothing. */
  mended?: string[];
  summary: string;
  tasks: TaskSpec[];
  /**
   * The task that also waits for what was added while the plan was made: the last of `tasks`, or one more, which is only stored
   * when something was added. Left out: the plan's tasks and the added ones have nothing to do with each other.
   */
  closing?: TaskSpec;
  /** What the planning calls cost. */
  usage?: {
    inputTokens: number;
    outputTokens: number;
    cacheReadTokens: number;
    cacheWriteTokens: number;
    costMicros: number;
    estimatedTokens?: number;
  };
}
