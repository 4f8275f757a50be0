import { noChecks } from '@claude-flow/core/contracts/plan';
import { DEFAULT_PERMISSIONS_TEXT } from '@claude-flow/core/domain/default-permissions';
import { TASK_ID_PATTERN } from '@claude-flow/core/domain/ids';
import { oneLine } from '@claude-flow/core/domain/one-line';
import { FAILURE_POLICIES } from '@claude-flow/core/domain/states';
import { AGENT_TYPES, PERMISSIONS, PRIORITIES, TASK_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, command, taskIdText } from './common.ts';
import { task, taskStatus } from './work.ts';

/** More would be a plan of its own: that is what creating a swarm with tasks is for. */
const MAX_DEPENDENCIES = 1_000;
const MAX_WORDS = 50;

const words = z.array(z.string().min(1).max(100)).max(MAX_WORDS).default([]);

export const newTaskBody = z
  .object({
    name: z.string().overwrite(oneLine).min(3).max(200).openapi({ example: 'Implement Authentication' }),
    description: z.string().min(10).max(1000).openapi({ example: 'Implement JWT authentication system' }),
    type: z.enum(TASK_TYPES).openapi({ example: 'coding' }),
    priority: z.enum(PRIORITIES).default('normal').openapi({ example: 'high' }),
    requirements: z
      .object({
        capabilities: words,
        tools: words,
        permissions: z
          .array(z.enum(PERMISSIONS))
          .max(PERMISSIONS.length)
          .optional()
          .openapi({ description: DEFAULT_PERMISSIONS_TEXT }),
      })
      .prefault({})
      .openapi({
        example: { capabilities: ['codeGeneration'], tools: ['git', 'npm'], permissions: ['read', 'write'] },
      }),
    dependencies: z
      .array(z.string().regex(TASK_ID_PATTERN, 'A dependency is the id of a task, such as task_001.'))
      .max(MAX_DEPENDENCIES)
      .default([])
      .openapi({ description: 'Tasks of this swarm that have to complete first', example: ['task_001'] }),
    agentType: z
      .enum(AGENT_TYPES)
      .optional()
      .openapi({ description: 'Left out: the one that usually does tasks of this type' }),
    onFailure: z.enum(FAILURE_POLICIES).default('skip-dependents'),
    timeout: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .optional()
      .openapi({ description: 'Milliseconds one attempt may take' }),
    maxRetries: z.int().min(0).max(10).optional(),
    checks: noChecks,
  })
  .openapi('NewTask');
export type NewTask = z.infer<typeof newTaskBody>;

export const assignBody = z
  .object({
    agentId: z.string('agentId is required: the id of the agent.').openapi({ example: 'agent_002' }),
  })
  .openapi('AssignTask');

export const taskCommandAnswer = command(taskStatus, task)
  .extend({ taskId: taskIdText })
  .openapi('TaskCommand', { description: 'status is that of the task; data the task as it is now' });

export const assignedAnswer = taskCommandAnswer
  .extend({ agentId: agentIdText })
  .openapi('TaskAssigned', { description: 'status is that of the task; data the task as it is now' });
