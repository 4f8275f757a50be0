import { AGENT_STATUSES, FAILURE_POLICIES, TASK_STATUSES } from '@claude-flow/core/domain/states';
import { type AgentType, ALL_AGENT_TYPES, TASK_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import {
  agentIdText,
  nullableTimestamp,
  swarmIdText,
  taskIdText,
  timestamp,
  usage,
} from '../http/schemas/common.ts';
import { nextCursor } from '../http/schemas/pages.ts';

export const agentType = z.enum(ALL_AGENT_TYPES as [AgentType, ...AgentType[]]).openapi('AgentType');

export const taskStatus = z.enum(TASK_STATUSES).openapi('TaskStatus');

export const task = z
  .object({
    id: z.object({
      id: taskIdText,
      swarmId: swarmIdText,
      sequence: z.number().int(),
      priority: z.number().int().openapi({ description: '1 low, 2 normal, 3 high, 4 critical' }),
    }),
    key: z.string(),
    name: z.string(),
    description: z.string(),
    type: z.enum(TASK_TYPES),
    status: taskStatus,
    assignedTo: z.object({ id: agentIdText }).nullable(),
    agentType,
    dependencies: z.array(taskIdText),
    onFailure: z.enum(FAILURE_POLICIES),
    waiting: z
      .object({
        for: z.enum(['approval', 'children', 'model']),
        ids: z.array(z.string()),
        message: z.string(),
      })
      .nullable()
      .openapi({
        description:
          'What a waiting task waits for: open approvals, or tasks; `model`: a running task whose model provider asks for patience; null for others',
      }),
    attempt: z.number().int(),
    failures: z.number().int(),
    turns: z.number().int(),
    createdAt: timestamp,
    startedAt: nullableTimestamp,
    completedAt: nullableTimestamp,
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    usage,
    result: z
      .object({
        output: z.string(),
        summary: z.string(),
        decisions: z.array(z.string()),
        openQuestions: z.array(z.string()),
        quality: z.number().nullable().openapi({ description: '0..1; null when nothing measured it' }),
        executionTime: z.number().nullable().openapi({ description: 'Milliseconds of the last attempt' }),
      })
      .nullable(),
  })
  .openapi('Task');

export const taskList = z
  .object({ swarmId: swarmIdText, tasks: z.array(task), count: z.number().int(), nextCursor })
  .openapi('TaskList');
export const taskAnswer = z
  .object({
    swarmId: swarmIdText,
    task,
    why: z.string().nullable().openapi({
      description:
        'Why it is not running or does not get on, in a sentence; null when it gets on or has completed',
    }),
  })
  .openapi('TaskDetails');

export const agent = z
  .object({
    id: z.object({ id: agentIdText, swarmId: swarmIdText, type: agentType, instance: z.number().int() }),
    name: z.string(),
    type: agentType,
    status: z.enum(AGENT_STATUSES),
    capabilities: z.record(z.string(), z.unknown()),
    metrics: z.object({
      tasksCompleted: z.number().int(),
      tasksFailed: z.number().int(),
      successRate: z.number().nullable().openapi({ description: '0..1; null until a task has ended' }),
      averageExecutionTime: z.number().nullable().openapi({ description: 'Milliseconds' }),
    }),
    currentTask: taskIdText.nullable(),
    spawnedAt: timestamp,
    terminatedAt: nullableTimestamp,
  })
  .openapi('Agent');

export const agentList = z
  .object({ swarmId: swarmIdText, agents: z.array(agent), count: z.number().int(), nextCursor })
  .openapi('AgentList');
