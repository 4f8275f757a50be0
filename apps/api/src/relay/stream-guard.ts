import type { ApiDeps } from '../http/deps.ts';
import { ApiError } from '../http/errors/api-error.ts';

/** Seconds after which a caller with too many streams may look again whether one has ended. */
const STREAMS_RETRY_AFTER_S = 5;

/** Refuses a caller who has as many WebSockets and event streams open at this process as one may have. */
export function guardStreams(deps: Pick<ApiDeps, 'config' | 'streams'>, caller: string): void {
  const max = deps.config.maxStreamsPerCaller;
  if (deps.streams.countOf(caller) < max) return;
  const message = `You have ${max} WebSockets and event streams open, as many as may be (MAX_STREAMS_PER_CALLER). Close one first.`;
  throw new ApiError('limit_exceeded', message, { retryAfter: STREAMS_RETRY_AFTER_S });
}
