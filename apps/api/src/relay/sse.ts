import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import type { SwarmState } from '@claude-flow/core/domain/task';
import type { EventPosition } from '@claude-flow/core/store/events';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { type AppEnv, principalOf } from '../http/app-env.ts';
import type { ApiDeps } from '../http/deps.ts';
import { callerName } from '../limits/caller-group.ts';
import { isLastEvent, resyncFrame } from './event-frame.ts';
import { followSwarm } from './follow-swarm.ts';
import { createSseWriter, eventMessage, unnamedMessage } from './sse-writer.ts';
import type { WriteBatches } from './write-batches.ts';

/** Proxies close connections that are silent for a minute; some for half of that. */
const COMMENT_EVERY_MS = 15_000;
/** How long a client waits before it comes back, milliseconds. */
const RECONNECT_MS = 1_000;
const STILL_HERE = Buffer.from(': still here\n\n');
const RETRY = Buffer.from(`retry: ${RECONNECT_MS}\n\n`);

export interface SseDeps extends Pick<ApiDeps, 'config' | 'feed' | 'streams' | 'standing' | 'log'> {
  batches: WriteBatches;
}

/**
 * A swarm's events as an event stream: the past after `from`, then live, until the swarm has ended. Each message has the
 * event's number and epoch as its id and the event's type as its name.
 * @param named false: without names, so that a browser gives every message to `onmessage`
 */
export function streamEvents(
  c: Context<AppEnv>,
  deps: SseDeps,
  swarm: SwarmState,
  from: EventPosition,
  named: boolean,
): Response {
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const done = Promise.withResolvers<void>();
    const finish = () => done.resolve();
    const closed = () => stream.aborted || stream.closed;
    const writer = createSseWriter(stream, deps.batches, () => {
      stream.abort();
      // What lies in buffers would wait for the reader for ever.
      c.env.outgoing?.destroy();
    });

    stream.onAbort(finish);
    const principal = principalOf(c);
    const forget = deps.streams.add({ end: finish }, callerName(c, deps.config));
    // Coming back, the client is told that its key or token is good no longer.
    const stopWatching = deps.standing.watch(principal, finish);
    const comment = setInterval(() => writer.write(STILL_HERE), COMMENT_EVERY_MS);
    comment.unref();
    writer.write(RETRY);
    try {
      const place = { swarmId: swarm.id, after: from.seq, epoch: from.epoch };
      const following = await followSwarm(
        deps.feed,
        { ...place, ended: isTerminalSwarm(swarm.status) },
        {
          resync(resync) {
            const data = JSON.stringify(resyncFrame(resync));
            const id = resync.firstSeq - 1;
            const name = named ? 'event: resync_required\n' : '';
            writer.write(Buffer.from(`id: ${id}\n${name}data: ${data}\n\n`));
          },
          event(event) {
            writer.write(named ? eventMessage(event) : unnamedMessage(event));
            if (isLastEvent(event)) finish();
          },
          gone: finish,
          drained: writer.drained,
          get closed() {
            return closed();
          },
        },
      );
      if (!following.over) await done.promise;
      following.end();
      if (!closed()) await writer.drained();
    } catch (error) {
      deps.log.error({ err: error, swarmId: swarm.id }, 'An event stream failed');
    } finally {
      clearInterval(comment);
      forget();
      stopWatching();
    }
  });
}
