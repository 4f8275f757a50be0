import { SwarmMonitor } from '../client/monitor.ts';
import { eventOfMessage } from '../client/monitor-messages.ts';
import { FINAL_EVENTS } from '../client/types-events.ts';
import type { LiveProgress } from '../terminal/live-progress.ts';

/**
 * Shows a swarm over the WebSocket until its final event.
 * @throws Error when the API refuses; the signal's reason
 */
export async function followSwarm(
  deps: { apiUrl: string; key: string | null; progress: LiveProgress; signal: AbortSignal },
  swarmId: string,
): Promise<void> {
  const monitor = new SwarmMonitor(deps.apiUrl, { apiKey: deps.key });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  monitor.on('swarm_event', (message) => {
    deps.progress.event(eventOfMessage(message));
    if (FINAL_EVENTS.includes(message.eventType)) resolve();
  });
  monitor.on('error', ({ message, swarmId: of }) => {
    if (of === swarmId && !monitor.subscriptions.has(swarmId)) reject(new Error(message));
  });
  monitor.on('disconnected', ({ reconnecting, reason }) => {
    if (!reconnecting) reject(new Error(`The API has closed the connection: ${reason}`));
  });
  const onAbort = () => reject(deps.signal.reason);
  deps.signal.addEventListener('abort', onAbort, { once: true });
  if (deps.signal.aborted) onAbort();
  monitor.connect();
  monitor.subscribe(swarmId);
  try {
    await promise;
  } finally {
    deps.signal.removeEventListener('abort', onAbort);
    deps.progress.end();
    monitor.close();
  }
}
