import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import type { Strategy } from '@claude-flow/core/domain/vocabulary';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import { ApiError } from '../http/errors/api-error.ts';

type CreationMetrics = Pick<
  Metrics,
  'swarmCreations' | 'swarmCreationSuccess' | 'swarmCreationErrors' | 'swarmCreationSeconds'
>;

/** Measures a creation. A repeated request that made nothing new counts for nothing. */
export async function measureCreation<Made extends { replayed: boolean }>(
  metrics: CreationMetrics,
  strategy: Strategy,
  create: () => Promise<Made>,
): Promise<Made> {
  const started = performance.now();
  try {
    const made = await create();
    if (made.replayed) return made;
    metrics.swarmCreations.inc({ strategy });
    metrics.swarmCreationSuccess.inc({ strategy });
    metrics.swarmCreationSeconds.observe({ strategy }, (performance.now() - started) / 1000);
    return made;
  } catch (error) {
    const known = error instanceof ApiError || error instanceof ClaudeFlowError;
    metrics.swarmCreations.inc({ strategy });
    metrics.swarmCreationErrors.inc({ strategy, error: known ? error.code : 'internal' });
    throw error;
  }
}
