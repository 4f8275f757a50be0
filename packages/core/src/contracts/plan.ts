import { z } from 'zod';
import { nameLine } from '../domain/one-line.ts';
import type { TaskSpec } from '../domain/task.ts';
import { AGENT_TYPES, PRIORITIES, TASK_TYPES } from '../domain/vocabulary.ts';

/** One task as a model, a template or a caller plans it. */
export const plannedTaskSchema = z.object({
  key: z.string().min(1).max(64).describe('Short unique name that other tasks refer to in dependsOn'),
  name: z.string().overwrite(nameLine).min(3).max(200),
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
