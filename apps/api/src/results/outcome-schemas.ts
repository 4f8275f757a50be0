import { resyncSchema } from '@claude-flow/core/contracts/swarm-event';
import { LOG_LEVELS } from '@claude-flow/core/store/logs';
import { z } from '@hono/zod-openapi';
import { optionalQueryInteger, swarmIdText, taskIdText, timestamp, usage } from '../http/schemas/common.ts';
import { MAX_PAGE, nextCursor } from '../http/schemas/pages.ts';
import { swarmEvent } from '../relay/event-data-schema.ts';
import { CLIENT_STATUSES } from '../swarms/swarm-view.ts';

const file = z
  .object({
    path: z.string().openapi({ example: 'docs/architecture.md' }),
    size: z.number().int().openapi({ description: 'Bytes' }),
    digest: z.string().openapi({ description: 'sha256, hexadecimal' }),
    url: z.string().openapi({ description: 'Where to fetch it, from the root of this server' }),
  })
  .openapi('ArtifactFile');

/** Without either, everything. */
export const resultsQuery = z.object({
  limit: optionalQueryInteger('limit', { min: 1, max: MAX_PAGE }),
  cursor: z.string().max(200).optional().openapi({ description: 'nextCursor of the page before' }),
});

export const resultsAnswer = z
  .object({
    swarmId: swarmIdText,
    status: z.enum(CLIENT_STATUSES),
    results: z.object({
      outputs: z
        .record(z.string(), z.string())
        .openapi({ description: 'By task id; the summary where the agent handed in no output' }),
      keys: z.record(z.string(), taskIdText).openapi({
        description: 'By the key of each task, that of your own graph included: its id',
      }),
      artifacts: z
        .record(
          z.string(),
          z.object({
            key: z.string().openapi({ description: 'Of the task' }),
            diagrams: z.array(z.string()),
            documents: z.array(z.string()),
            files: z.array(file),
          }),
        )
        .openapi({ description: 'By task id; tasks without files are left out' }),
      conflicts: z
        .array(
          z.object({
            path: z.string(),
            versions: z.array(
              z.object({
                taskId: taskIdText,
                target: z.string().nullable().openapi({
                  description: 'Where it lies in the archive; null when a later task replaced it',
                }),
              }),
            ),
            settledBy: taskIdText.nullable().openapi({
              description: 'The later task that knew the versions and left one of its own, at the path',
            }),
            message: z.string(),
          }),
        )
        .nullable()
        .openapi({
          description:
            'Paths of which tasks that did not know of each other left different versions; null in a page, which does not know all',
        }),
      summary: z
        .string()
        .nullable()
        .openapi({ description: 'The closing report, when there is one, and in this page' }),
      overallQuality: z.number().nullable().openapi({
        description: '0..1, of the tasks in this answer; null when nothing measured it',
      }),
      totalExecutionTime: z.number().openapi({ description: 'Milliseconds from start to end, or until now' }),
      efficiency: z
        .number()
        .nullable()
        .openapi({ description: 'Busy time / (agents x wall time), 0..1; null before there are agents' }),
      usage,
    }),
    nextCursor: nextCursor.optional(),
  })
  .openapi('SwarmResults');

export const artifactList = z
  .object({
    swarmId: swarmIdText,
    artifacts: z.array(
      file.extend({ taskId: taskIdText, key: z.string().openapi({ description: 'Of the task' }) }),
    ),
    count: z.number().int(),
    nextCursor,
  })
  .openapi('ArtifactList');

const logLevel = z.enum(LOG_LEVELS);
export const logLevelQuery = logLevel
  .default('info')
  .openapi({ description: 'This level and above', example: 'info' });

export const logList = z
  .object({
    swarmId: swarmIdText,
    logs: z.array(
      z.object({
        timestamp,
        level: logLevel,
        source: z.string(),
        message: z.string(),
        swarmId: swarmIdText,
        taskId: taskIdText.optional(),
      }),
    ),
    count: z.number().int(),
  })
  .openapi('LogList');

export const eventPage = z
  .object({
    swarmId: swarmIdText,
    events: z.array(swarmEvent),
    count: z.number().int(),
    next: z.number().int().openapi({ description: 'Give it as after for the next page' }),
    more: z.boolean().openapi({ description: 'There are further events already' }),
    resyncRequired: resyncSchema.optional().openapi({
      description: 'The place asked for is gone: read the swarm anew; these events begin with firstSeq',
    }),
  })
  .openapi('EventPage');
