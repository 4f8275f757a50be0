import { callerTaskFields, MISPLACED_IN_TASK } from '@claude-flow/core/contracts/caller-task';
import { strictFields } from '@claude-flow/core/contracts/strict-fields';
import { MAX_ID_LENGTHS, TASK_ID_PATTERN } from '@claude-flow/core/domain/ids';
import { AGENT_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, command, taskIdText } from '../http/schemas/common.ts';
import { task, taskStatus } from './work-schemas.ts';

/** More would be a plan of its own: that is what creating a swarm with tasks is for. */
const MAX_DEPENDENCIES = 1_000;
/** As the document has it; shorter than in a graph of one's own. */
const MAX_DESCRIPTION = 1_000;

const fields = callerTaskFields();

export const newTaskBody = strictFields(
  {
    ...fields,
    name: fields.name.openapi({ example: 'Implement Authentication' }),
    description: fields.description
      .max(MAX_DESCRIPTION)
      .openapi({ example: 'Implement JWT authentication system' }),
    type: fields.type.openapi({ example: 'coding' }),
    priority: fields.priority.openapi({ example: 'high' }),
    requirements: fields.requirements.openapi({
      example: { capabilities: ['codeGeneration'], tools: ['git', 'npm'], permissions: ['read', 'write'] },
    }),
    dependencies: z
      .array(
        z
          .string()
          .regex(TASK_ID_PATTERN, 'A dependency is the id of a task, such as task_001.')
          .openapi({ maxLength: MAX_ID_LENGTHS.task }),
      )
      .max(MAX_DEPENDENCIES)
      .default([])
      .openapi({ description: 'Tasks of this swarm that have to complete first', example: ['task_001'] }),
    agentType: z
      .enum(AGENT_TYPES)
      .optional()
      .openapi({ description: 'Left out: the one that usually does tasks of this type' }),
    timeout: fields.timeout.openapi({ description: 'Milliseconds one attempt may take' }),
  },
  MISPLACED_IN_TASK,
).openapi('NewTask');
export type NewTask = z.infer<typeof newTaskBody>;

export const assignBody = strictFields({
  agentId: z
    .string('agentId is required: the id of the agent.')
    .max(MAX_ID_LENGTHS.agent, 'agentId must be the id of an agent, such as agent_002.')
    .openapi({ example: 'agent_002' }),
}).openapi('AssignTask');

export const taskCommandAnswer = command(taskStatus, task)
  .extend({ taskId: taskIdText })
  .openapi('TaskCommand', { description: 'status is that of the task; data the task as it is now' });

export const assignedAnswer = taskCommandAnswer
  .extend({ agentId: agentIdText })
  .openapi('TaskAssigned', { description: 'status is that of the task; data the task as it is now' });
