import type { Feed } from '@claude-flow/core/relay/feed';
import type { EventPosition } from '@claude-flow/core/store/events';
import { isLastEvent } from './event-frame.ts';
import { type EventSink, followSwarm } from './follow-swarm.ts';
import type { SocketOutbox } from './socket-outbox.ts';
import { deltaSocketFrame, eventSocketFrame, resyncSocketFrame } from './text-frame.ts';

/** One swarm that a socket follows. */
export interface Follow {
  readonly swarmId: string;
  /** Asked for by name; else it came with `*`. */
  readonly named: boolean;
  /** Where its reader stands. */
  place: EventPosition;
  cancelled: boolean;
  /** Its past has been sent. */
  caughtUp: boolean;
  end(): void;
}

/** The swarms that one socket follows, each once. */
export interface SocketFollows {
  get(swarmId: string): Follow | undefined;
  /** How many; and how many of them were asked for by name. */
  readonly size: number;
  readonly named: number;
  /** Takes the swarm's place on the list; one that is there already ends. */
  begin(swarmId: string, from: EventPosition, named: boolean): Follow;
  /** Sends the past and goes on live. @returns false when it was cancelled meanwhile */
  run(follow: Follow, ended: boolean): Promise<boolean>;
  cancel(follow: Follow): void;
  /** All, or those that came with `*`. */
  cancelAll(which?: 'unnamed'): void;
}

/** @param gone what was followed does not exist any more */
export function createSocketFollows(
  feed: Feed,
  outbox: SocketOutbox,
  gone: (follow: Follow) => void,
): SocketFollows {
  const follows = new Map<string, Follow>();

  function sinkOf(follow: Follow): EventSink {
    const send = (frame: Buffer) => (follow.caughtUp ? outbox.send(frame) : outbox.sendPast(frame));
    return {
      event(event) {
        if (follow.cancelled) return;
        follow.place = event;
        send(eventSocketFrame(event));
        // Nothing follows; one that nobody named need not be remembered.
        if (!follow.named && isLastEvent(event)) follows.delete(follow.swarmId);
      },
      resync(resync) {
        if (follow.cancelled) return;
        follow.place = { seq: resync.firstSeq - 1 };
        send(resyncSocketFrame(resync));
      },
      gone() {
        if (follow.cancelled) return;
        cancel(follow);
        gone(follow);
      },
      delta(delta) {
        if (follow.caughtUp && !follow.cancelled) outbox.sendIfQuick(deltaSocketFrame(delta));
      },
      drained: () => outbox.drained(),
      get closed() {
        return follow.cancelled || outbox.closed;
      },
    };
  }

  function cancel(follow: Follow): void {
    follow.cancelled = true;
    follow.end();
    if (follows.get(follow.swarmId) === follow) follows.delete(follow.swarmId);
  }

  return {
    get: (swarmId) => follows.get(swarmId),
    get size() {
      return follows.size;
    },
    get named() {
      let count = 0;
      for (const follow of follows.values()) if (follow.named) count += 1;
      return count;
    },
    begin(swarmId, from, named) {
      const before = follows.get(swarmId);
      if (before !== undefined) cancel(before);
      const end = () => undefined;
      const follow: Follow = { swarmId, named, place: from, cancelled: false, caughtUp: false, end };
      follows.set(swarmId, follow);
      return follow;
    },
    async run(follow, ended) {
      const { seq, epoch } = follow.place;
      const from = { swarmId: follow.swarmId, after: seq, epoch, ended };
      const following = await followSwarm(feed, from, sinkOf(follow));
      if (follow.cancelled) {
        following.end();
        return false;
      }
      follow.end = following.end;
      follow.caughtUp = true;
      if (!follow.named && following.over) follows.delete(follow.swarmId);
      return true;
    },
    cancel,
    cancelAll(which) {
      for (const follow of [...follows.values()]) if (which === undefined || !follow.named) cancel(follow);
    },
  };
}
