import { EVENT_TYPES, type EventType } from '@claude-flow/core/contracts/swarm-event';
import { APPROVAL_KINDS } from '@claude-flow/core/domain/approval';
import { FAILURE_POLICIES, TASK_STATUSES } from '@claude-flow/core/domain/states';
import { MODES, STRATEGIES, TASK_TYPES } from '@claude-flow/core/domain/vocabulary';
import { z } from '@hono/zod-openapi';
import { agentIdText, swarmIdText, taskIdText, timestamp } from '../http/schemas/common.ts';
import { agentType } from '../tasks/work-schemas.ts';

const count = z.number().int();
const inTask = { taskId: taskIdText };
/** Of a task that an agent has or had; each may be missing where nobody has had it yet. */
const inAttempt = { ...inTask, agentId: agentIdText.optional(), attempt: count.optional() };
const whyEnded = {
  reason: z.string().optional().openapi({ description: 'One word: stopped, timeout, task-failed ...' }),
  message: z.string().optional().openapi({ description: 'The same as a sentence' }),
};
const usage = {
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
  costUsd: z.number(),
  priced: z.boolean().optional().openapi({ description: 'false: the model is not in the price list' }),
  estimated: z.boolean().optional().openapi({ description: 'true: the server told no usage; we estimated' }),
};
/** Why an attempt did not succeed. */
const trouble = { code: z.string(), message: z.string(), failures: count };
const ofAgent = { agentId: agentIdText, agentType, name: z.string() };

/** What `data` holds, for each type of event. */
const EVENT_DATA = {
  'swarm.created': {
    objective: z.string(),
    strategy: z.enum(STRATEGIES),
    mode: z.enum(MODES),
    maxAgents: count,
  },
  'swarm.planned': {
    source: z.string().openapi({ description: 'model, template or caller' }),
    degraded: z.boolean(),
    degradedReason: z.string().optional(),
    summary: z.string(),
    totalTasks: count,
  },
  'swarm.started': {},
  'swarm.paused': {},
  'swarm.resumed': {},
  'swarm.progress': { totalTasks: count, completedTasks: count, endedTasks: count, percentComplete: count },
  'swarm.completed': whyEnded,
  'swarm.failed': whyEnded,
  'swarm.stopped': whyEnded,
  'task.created': {
    ...inTask,
    name: z.string(),
    taskType: z.enum(TASK_TYPES),
    agentType,
    priority: count.openapi({ description: '1 low, 2 normal, 3 high, 4 critical' }),
    dependencies: z.array(taskIdText),
  },
  'task.assigned': {
    ...inAttempt,
    agentType: agentType.optional(),
    name: z.string().optional().openapi({ description: 'Of the agent' }),
    redelivered: z.boolean().optional().openapi({ description: 'Nobody took it; it is offered again' }),
  },
  'task.started': { ...inAttempt, agentType, workerId: z.string() },
  'task.progress': {
    ...inAttempt,
    turn: count,
    inputTokens: count.optional(),
    outputTokens: count.optional(),
    cacheReadTokens: count.optional(),
    cacheWriteTokens: count.optional(),
    costUsd: z.number().optional(),
    priced: usage.priced,
    estimated: usage.estimated,
    tools: z.array(z.string()).optional().openapi({ description: 'Names of the tools that were called' }),
    failed: z.boolean().optional().openapi({ description: 'true: the call of the model failed' }),
    reason: z.string().optional(),
    refusedCalls: count.optional().openapi({ description: 'Calls of this turn that were refused' }),
    refused: z
      .array(z.object({ tool: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'The last few of them' }),
  },
  'task.retrying': {
    ...inAttempt,
    ...trouble,
    crashes: count.optional(),
    delayMs: count.openapi({ description: 'Milliseconds until it is ready again' }),
  },
  'task.suspended': {
    ...inAttempt,
    message: z.string().optional(),
    waitingFor: z.string().optional().openapi({ description: 'approval or children' }),
  },
  'task.completed': {
    ...inAttempt,
    ...usage,
    name: z.string(),
    agentType,
    summary: z.string(),
    durationMs: count,
    turns: count,
    artifacts: z.array(z.string()).openapi({ description: 'Paths of the files it left' }),
  },
  'task.failed': { ...inAttempt, ...trouble, onFailure: z.enum(FAILURE_POLICIES) },
  'task.cancelled': { ...inAttempt, reason: z.string() },
  'task.skipped': {
    ...inTask,
    failedDependency: taskIdText.optional(),
    cancelledDependency: taskIdText.optional(),
  },
  'task.retried': {
    ...inAttempt,
    was: z.enum(TASK_STATUSES).openapi({ description: 'Its status before' }),
    dependency: taskIdText.optional().openapi({ description: 'Of the task on whose account it was skipped' }),
  },
  'agent.spawned': ofAgent,
  'agent.terminated': { ...ofAgent, reason: z.string() },
  'artifact.stored': {
    ...inAttempt,
    path: z.string(),
    size: count.openapi({ description: 'Bytes' }),
    digest: z.string().openapi({ description: 'sha256, hexadecimal' }),
  },
  'approval.requested': {
    ...inAttempt,
    approvalId: z.string(),
    kind: z.enum(APPROVAL_KINDS),
    tool: z.string(),
  },
  'approval.decided': {
    ...inAttempt,
    approvalId: z.string(),
    decision: z.enum(['approved', 'denied']),
    tool: z.string(),
  },
  'budget.warning': {
    limit: z.enum(['maxTokens', 'maxCostUsd']),
    used: z.number(),
    max: z.number(),
    percentUsed: count,
  },
} as const satisfies Record<EventType, z.ZodRawShape>;

/** `task.completed` -> `TaskCompletedEvent`. */
function schemaName(type: EventType): string {
  const words = type.split('.').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Event`;
}

function ofType<Type extends EventType>(type: Type) {
  return z
    .object({
      type: z.literal('swarm_event'),
      swarmId: swarmIdText,
      eventType: z.literal(type),
      seq: count.openapi({ description: '1, 2, 3 ... without a gap' }),
      epoch: count,
      data: z.object(EVENT_DATA[type]),
      timestamp,
    })
    .openapi(schemaName(type));
}

const [first, ...rest] = EVENT_TYPES.map(ofType);
if (first === undefined) throw new Error('There are no types of events.');

/** One change of a swarm: a schema for each type. */
export const swarmEvent = z.discriminatedUnion('eventType', [first, ...rest]).openapi('SwarmEvent', {
  description:
    'What changed; data depends on eventType. There will be more types and more fields: ignore those you do not know.',
});

/** For tests: whatever an event holds beyond its schema is a field that nobody described. */
export const strictEventData = (type: EventType) => z.strictObject(EVENT_DATA[type]);
