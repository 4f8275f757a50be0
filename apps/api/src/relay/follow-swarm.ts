import type { AgentDelta, Resync, SwarmEvent } from '@claude-flow/core/contracts/swarm-event';
import type { Feed, FeedReader } from '@claude-flow/core/relay/feed';
import type { EventPosition } from '@claude-flow/core/store/events';
import { isLastEvent } from './event-frame.ts';

/** Where a swarm's events go: a socket or a stream, each with its own idea of being slow. */
export interface EventSink {
  event(event: SwarmEvent): void;
  /** What the reader had is gone or is no longer the history; the events from `firstSeq` on follow. */
  resync(resync: Resync): void;
  /** The swarm was deleted meanwhile; nothing follows. */
  gone(): void;
  delta?(delta: AgentDelta): void;
  /** Resolves when the reader has taken enough for more of the past to be sent. */
  drained(): Promise<void>;
  readonly closed: boolean;
}

export interface Following {
  /** Number of the last event of the past, and its epoch when there was one. */
  seq: number;
  epoch?: number | undefined;
  /** Nothing will follow: the swarm has ended. */
  over: boolean;
  end(): void;
}

/** Events of the past read at once: a few hundred kilobytes at most. */
const PAGE = 100;

/**
 * Sends a swarm's past after number `from.after`, at the reader's pace, then goes on live, without gap or repeat.
 * @param from.epoch of the event `from.after`, when the reader knows it
 * @param from.ended the swarm had ended before: there is only a past
 * @param feed a patient one: reading goes on when Redis is back
 */
export async function followSwarm(
  feed: Feed,
  from: { swarmId: string; after: number; epoch?: number | undefined; ended: boolean },
  sink: EventSink,
): Promise<Following> {
  const { swarmId } = from;
  const nothing = (): void => undefined;
  const position: EventPosition = { seq: from.after, epoch: from.epoch };
  for (;;) {
    const { events, resync, gone } = await feed.read(swarmId, position, PAGE);
    if (gone) {
      sink.gone();
      return { ...position, over: true, end: nothing };
    }
    if (resync !== undefined && !sink.closed) sink.resync(resync);
    for (const event of events) {
      if (sink.closed) return { ...position, over: true, end: nothing };
      sink.event(event);
      position.seq = event.seq;
      position.epoch = event.epoch;
      await sink.drained();
    }
    const last = events.at(-1);
    if (last !== undefined && isLastEvent(last)) return { ...position, over: true, end: nothing };
    if (events.length < PAGE) break;
  }
  if (from.ended) return { ...position, over: true, end: nothing };
  let over = false;
  let end = nothing;
  const reader: FeedReader = {
    resync: (resync) => sink.resync(resync),
    gone: () => {
      over = true;
      end();
      sink.gone();
    },
    event: (event) => {
      sink.event(event);
      if (!isLastEvent(event)) return;
      over = true;
      end();
    },
    ...(sink.delta === undefined ? {} : { delta: (delta: AgentDelta) => sink.delta?.(delta) }),
  };
  const following = await feed.follow(swarmId, position.seq, reader, position.epoch);
  end = () => following.end();
  if (over || sink.closed) end();
  return { seq: following.seq, epoch: following.epoch, over, end };
}
