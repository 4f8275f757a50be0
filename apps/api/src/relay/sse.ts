import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import type { SwarmRecord } from '@claude-flow/core/domain/task';
import type { EventPosition } from '@claude-flow/core/store/events';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { type AppEnv, principalOf } from '../app-env.ts';
import type { ApiDeps } from '../deps.ts';
import { callerName } from '../limits/caller-group.ts';
import { eventText, isLastEvent, resyncFrame } from '../views/event-frame.ts';
import { eventId } from './event-id.ts';
import { followSwarm } from './follow-swarm.ts';

/** Proxies close connections that are silent for a minute; some for half of that. */
const COMMENT_EVERY_MS = 15_000;
/** More than this waiting for a slow reader ends the stream; it comes back with Last-Event-ID. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** How long a client waits before it comes back, milliseconds. */
const RECONNECT_MS = 1_000;

type SseDeps = Pick<ApiDeps, 'config' | 'feed' | 'streams' | 'standing' | 'log'>;

/**
 * A swarm's events as an event stream: the past after `from`, then live, until the swarm has ended. Each message has the
 * event's number and epoch as its id and the event's type as its name.
 */
export function streamEvents(
  c: Context<AppEnv>,
  deps: SseDeps,
  swarm: SwarmRecord,
  from: EventPosition,
): Response {
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    let pendingBytes = 0;
    let written: Promise<unknown> = Promise.resolve();
    const done = Promise.withResolvers<void>();
    const finish = () => done.resolve();
    const closed = () => stream.aborted || stream.closed;
    const write = (text: string) => {
      pendingBytes += text.length;
      written = written
        .then(() => stream.write(text))
        .finally(() => {
          pendingBytes -= text.length;
        });
      if (pendingBytes > MAX_PENDING_BYTES) stream.abort();
    };

    stream.onAbort(finish);
    const principal = principalOf(c);
    const forget = deps.streams.add({ end: finish }, callerName(c, deps.config));
    // Coming back, the client is told that its key or token is good no longer.
    const stopWatching = deps.standing.watch(principal, finish);
    const comment = setInterval(() => write(': still here\n\n'), COMMENT_EVERY_MS);
    comment.unref();
    write(`retry: ${RECONNECT_MS}\n\n`);
    try {
      const place = { swarmId: swarm.id, after: from.seq, epoch: from.epoch };
      const following = await followSwarm(
        deps.feed,
        { ...place, ended: isTerminalSwarm(swarm.status) },
        {
          resync(resync) {
            const data = JSON.stringify(resyncFrame(resync));
            write(`id: ${resync.firstSeq - 1}\nevent: resync_required\ndata: ${data}\n\n`);
          },
          event(event) {
            write(`id: ${eventId(event)}\nevent: ${event.type}\ndata: ${eventText(event)}\n\n`);
            if (isLastEvent(event)) finish();
          },
          drained: () => written.then(() => undefined),
          get closed() {
            return closed();
          },
        },
      );
      if (!following.over) await done.promise;
      following.end();
      if (!closed()) await written;
    } catch (error) {
      deps.log.error({ err: error, swarmId: swarm.id }, 'An event stream failed');
    } finally {
      clearInterval(comment);
      forget();
      stopWatching();
    }
  });
}
