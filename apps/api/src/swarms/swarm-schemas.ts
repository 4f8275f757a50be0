import { TASK_STATUSES } from '@claude-flow/core/domain/states';
import { MODES, STRATEGIES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import {
  command,
  EXAMPLE_SWARM_ID,
  nullableTimestamp,
  orNull,
  swarmIdText,
  timestamp,
  usage,
} from '../http/schemas/common.ts';
import { budget } from './budget-schema.ts';
import { CLIENT_STATUSES } from './swarm-view.ts';
import { webhook } from './webhook-schema.ts';

const clientStatus = z.enum(CLIENT_STATUSES).openapi('SwarmStatus');

const progress = z
  .object({
    totalTasks: z.number().int(),
    completedTasks: z.number().int(),
    percentComplete: z.number().int(),
  })
  .openapi('Progress');

export const swarmData = z
  .object({
    id: swarmIdText,
    name: z.string().openapi({ example: 'User Management REST API Swarm' }),
    description: z.string(),
    status: clientStatus,
    strategy: z.enum(STRATEGIES),
    mode: z.enum(MODES).openapi({ description: 'As asked for' }),
    effectiveMode: z.enum(MODES).openapi({ description: 'As it runs' }),
    maxAgents: z.number().int(),
    timeout: z.number().int(),
    parallel: z.boolean(),
    options: z.record(z.string(), z.unknown()),
    model: z.string().nullable(),
    planned: z.boolean(),
    planSource: z
      .string()
      .nullable()
      .openapi({ description: 'model, template or caller; null until planned' }),
    planDegraded: z
      .boolean()
      .openapi({ description: 'The model made no usable plan; a template took its place' }),
    progress,
    tasksByStatus: z.partialRecord(z.enum(TASK_STATUSES), z.number().int()),
    usage,
    budget: orNull(budget),
    webhook: orNull(webhook),
    lastEvent: z.number().int().openapi({ description: 'seq of the newest event' }),
    createdAt: timestamp,
    startedAt: nullableTimestamp,
    endedAt: nullableTimestamp,
    reason: z.string().nullable().openapi({
      description: 'Why it failed: stopped, timeout, task-failed, task-cancelled, budget, model-rejected',
      example: null,
    }),
    message: z.string().nullable().openapi({
      description: 'The reason in a sentence; while it is planned, what keeps the plan from being made',
    }),
  })
  .openapi('Swarm');

export const swarmAnswer = z.object({ swarmId: swarmIdText, data: swarmData }).openapi('SwarmDetails');

export const createdAnswer = command(
  clientStatus,
  z.looseObject({ objective: z.string(), strategy: z.string(), mode: z.string(), maxAgents: z.number() }),
).openapi('SwarmCreated', {
  example: {
    swarmId: EXAMPLE_SWARM_ID,
    status: 'planning',
    message: 'Swarm created successfully',
    data: {
      objective: 'Build a REST API for user management',
      strategy: 'development',
      mode: 'centralized',
      maxAgents: 5,
    },
    timestamp: '2026-01-28T10:30:00.000Z',
  },
});
export const startedAnswer = command(z.literal('executing'), swarmData).openapi('SwarmStarted');
export const pausedAnswer = command(z.literal('paused'), swarmData).openapi('SwarmPaused');
export const resumedAnswer = command(z.literal('executing'), swarmData).openapi('SwarmResumed');
export const deletedAnswer = command(z.literal('deleted'), z.object({ id: swarmIdText })).openapi(
  'SwarmDeleted',
);
export const stoppedAnswer = command(z.literal('stopped'), swarmData).openapi('SwarmStopped');

export const swarmList = z
  .object({
    swarms: z.array(
      z.object({
        swarmId: swarmIdText,
        owner: z.string().optional().openapi({ description: 'With scope=all: whose it is' }),
        name: z.string(),
        status: clientStatus,
        strategy: z.string(),
        progress,
        createdAt: timestamp,
        endedAt: nullableTimestamp,
        reason: z.string().nullable(),
      }),
    ),
    count: z.number().int(),
    nextCursor: z.string().nullable().openapi({ description: 'Give it as cursor for the next page' }),
  })
  .openapi('SwarmList');
