import { z } from '@hono/zod-openapi';
import { swarmIdText } from '../http/schemas/common.ts';

const measure = (description: string, example: number) =>
  z.number().nullable().openapi({ description, example });

export const metricsAnswer = z
  .object({
    swarmId: swarmIdText,
    metrics: z
      .object({
        throughput: measure('Completed tasks per second, from the start to the end or until now', 0.5),
        latency: measure(
          'Milliseconds that completed tasks took from the start of their last attempt, mean',
          2500,
        ),
        efficiency: measure('Busy time of all agents / (agents x time from the start), 0..1', 0.85),
        reliability: measure('Completed / (completed + failed) tasks, 0..1', 0.95),
        averageQuality: measure('Mean quality of the results that were rated, 0..1', 0.9),
        resourceUtilization: z
          .object({
            memory: measure('Bytes', 536_870_912),
            cpu: measure('Cores: 1.5 is one and a half kept busy', 1.5),
          })
          .openapi({
            description:
              'Of the worker processes that run tasks of this swarm at the moment, all they do together; while none does, the most that those were seen to use that ran its tasks; null when nothing was measured',
          }),
        agentUtilization: measure('Share of their lives that the agents were busy, 0..1', 0.8),
      })
      .openapi({ description: 'Measured; null when there is nothing to measure yet' }),
  })
  .openapi('SwarmMetrics');
