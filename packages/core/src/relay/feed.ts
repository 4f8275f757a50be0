import { Cluster } from 'ioredis';
import { eventsOfBatch } from '../contracts/event-batch.ts';
import type { AgentDelta, Resync, SwarmEvent } from '../contracts/swarm-event.ts';
import type { RedisClient } from '../redis/connect.ts';
import { RELAY_CLUSTER_LOOK_EVERY_MS, RELAY_RETRY_MS } from '../runtime/tunables.ts';
import { type EventPage, type EventPosition, readEventsFrom } from '../store/events.ts';
import type { Ledger } from '../store/ledger.ts';
import { createInFlight } from './in-flight.ts';

/** Somebody who follows a swarm: a socket, an SSE stream. */
export interface FeedReader {
  event(event: SwarmEvent): void;
  /** What it had is no longer the history, or a part was trimmed away: events go on from `firstSeq`. */
  resync?(resync: Resync): void;
  /** There is no such swarm any more; nothing follows. */
  gone?(): void;
  delta?(delta: AgentDelta): void;
}

export interface Feed {
  /**
   * Replays what came after `after`, in order, then goes on live, without gap or repeat.
   * @param epoch of the event with the number `after`, when it is known: tells whether it still is the same event
   * @returns when the replay is done, the way to end it and the number (and epoch, when known) of the last event replayed
   */
  follow(
    swarmId: string,
    after: number,
    reader: FeedReader,
    epoch?: number,
  ): Promise<{ seq: number; epoch: number | undefined; end(): void }>;
  /**
   * As `readEventsFrom`. Readers that ask for the same at the same moment share one answer: its events are the same objects,
   * so that what is made of an event is made once.
   */
  read(swarmId: string, position: EventPosition, limit: number): Promise<EventPage>;
  readonly swarms: number;
  close(): void;
}

interface Follower {
  reader: FeedReader;
  /** Number of the last event given to the reader. */
  seq: number;
  /** Its epoch, when known. */
  epoch: number | undefined;
  /** Takes it off the list, once. */
  end(): void;
  /** Redis may have been restarted: the reader's last event is looked at before another is given. */
  doubtful: boolean;
}

interface Followed {
  followers: Set<Follower>;
  /** Readers, those still being replayed to included: the subscription lives as long as there is one. */
  holders: number;
  subscribed: Promise<unknown>;
  /** One catch-up at a time; a wake-up during one asks for another round. */
  catching: boolean;
  again: boolean;
}

const REPLAY_PAGE = 500;

/** @returns undefined when it cannot be read */
function readMessage(
  kind: 'event' | 'delta',
  text: string,
): { events: SwarmEvent[] } | { delta: AgentDelta } | undefined {
  try {
    return kind === 'event' ? { events: eventsOfBatch(text) } : { delta: JSON.parse(text) as AgentDelta };
  } catch {
    return undefined;
  }
}

/**
 * One Redis subscription per swarm per process, however many readers. A published event is only a fast path: whenever it
 * is not the very next one for a reader, the stream is read.
 */
export function createFeed(ledger: Ledger, subscriber: RedisClient, onError: (error: unknown) => void): Feed {
  const followed = new Map<string, Followed>();
  const swarmOf = new Map<string, { swarmId: string; kind: 'event' | 'delta' }>();
  const share = createInFlight<EventPage>();
  // An answer that was asked for a little earlier is as good: whoever follows catches up after it has joined the live ones.
  const read: Feed['read'] = (swarmId, { seq, epoch }, limit) =>
    share(`${swarmId} ${seq} ${epoch} ${limit}`, () =>
      readEventsFrom(ledger, swarmId, { seq, epoch }, limit),
    );

  subscriber.on('message', (channel: string, text: string) => {
    const target = swarmOf.get(channel);
    const state = target && followed.get(target.swarmId);
    if (target === undefined || state === undefined) return;
    const message = readMessage(target.kind, text);
    if (message === undefined) {
      // Nobody of this version wrote it. What the stream says is true whatever comes here.
      onError(new Error(`What came over ${channel} is not a message of this version.`));
      if (target.kind === 'event') catchUp(target.swarmId, state);
      return;
    }
    if ('delta' in message) {
      for (const { reader } of state.followers) reader.delta?.(message.delta);
      return;
    }
    let behind = false;
    for (const event of message.events) {
      for (const follower of state.followers) {
        if (follower.epoch !== undefined && follower.epoch !== event.epoch) follower.doubtful = true;
        if (follower.doubtful) behind = true;
        else if (!state.catching && event.seq === follower.seq + 1) give(follower, event);
        else if (event.seq > follower.seq) behind = true;
      }
    }
    if (behind) catchUp(target.swarmId, state);
  });
  // After a lost connection the subscriptions come back, but what was published meanwhile does not. The catch-up must not
  // run before they are back, or an event in between would be missed by both.
  const recover = () => {
    const channels = [...swarmOf.keys()];
    if (channels.length === 0) return;
    subscriber
      .subscribe(...channels)
      .then(() => {
        for (const [swarmId, state] of followed) {
          for (const follower of state.followers) follower.doubtful = true;
          catchUp(swarmId, state);
        }
      })
      .catch(onError);
  };
  subscriber.on('ready', recover);
  // A cluster's subscription moves between nodes without a word, and messages sent meanwhile are lost.
  const looking =
    subscriber instanceof Cluster ? setInterval(recover, RELAY_CLUSTER_LOOK_EVERY_MS) : undefined;
  looking?.unref();

  function give(follower: Follower, event: SwarmEvent): void {
    follower.seq = event.seq;
    follower.epoch = event.epoch;
    follower.reader.event(event);
  }

  function startAnew(follower: Follower, resync: Resync): void {
    follower.seq = resync.firstSeq - 1;
    follower.epoch = undefined;
    follower.reader.resync?.(resync);
  }

  function catchUp(swarmId: string, state: Followed): void {
    if (state.catching) {
      state.again = true;
      return;
    }
    state.catching = true;
    void (async () => {
      do {
        state.again = false;
        await settleDoubts(swarmId, state);
        await readOn(swarmId, state);
      } while (state.again && state.followers.size > 0);
    })()
      .catch((error: unknown) => {
        onError(error);
        // What was to be read may have been the last event: nobody would ask again.
        setTimeout(() => followed.get(swarmId) === state && catchUp(swarmId, state), RELAY_RETRY_MS).unref();
      })
      .finally(() => {
        state.catching = false;
      });
  }

  /** Reads from the slowest follower's place to the end of the stream. */
  async function readOn(swarmId: string, state: Followed): Promise<void> {
    for (;;) {
      if (state.followers.size === 0) return;
      const slowest = [...state.followers].reduce((one, other) => (other.seq < one.seq ? other : one));
      const from = { seq: slowest.seq, epoch: slowest.epoch };
      const { events, resync, gone } = await readEventsFrom(ledger, swarmId, from, REPLAY_PAGE);
      if (gone) return dismiss(state);
      for (const follower of state.followers) {
        if (resync !== undefined && follower.seq === from.seq) startAnew(follower, resync);
      }
      for (const event of events) {
        for (const follower of state.followers) {
          if (event.seq === follower.seq + 1) give(follower, event);
        }
      }
      if (events.length < REPLAY_PAGE) return;
    }
  }

  /** Readers that stand at the same place share one look. */
  async function settleDoubts(swarmId: string, state: Followed): Promise<void> {
    const looks = new Map<string, Promise<EventPage>>();
    for (const follower of [...state.followers].filter((one) => one.doubtful)) {
      const { seq, epoch } = follower;
      const place = `${seq} ${epoch}`;
      const look = looks.get(place) ?? readEventsFrom(ledger, swarmId, { seq, epoch }, 1);
      looks.set(place, look);
      follower.doubtful = false;
      const { resync, gone } = await look.catch((error: unknown) => {
        follower.doubtful = true;
        throw error;
      });
      if (gone) return dismiss(state);
      if (resync !== undefined) startAnew(follower, resync);
    }
  }

  /** A swarm that is deleted says no last word, and whoever was still on the way to its end would wait for ever. */
  function dismiss(state: Followed): void {
    for (const follower of [...state.followers]) {
      follower.end();
      follower.reader.gone?.();
    }
  }

  /** @returns false when there is no such swarm */
  async function replay(swarmId: string, follower: Follower): Promise<boolean> {
    for (;;) {
      const { events, resync, gone } = await read(swarmId, follower, REPLAY_PAGE);
      if (gone) return false;
      if (resync !== undefined) startAnew(follower, resync);
      for (const event of events) if (event.seq > follower.seq) give(follower, event);
      if (events.length < REPLAY_PAGE) return true;
    }
  }

  function hold(swarmId: string): Followed {
    let state = followed.get(swarmId);
    if (state === undefined) {
      const channels = [ledger.keys.eventsChannel(swarmId), ledger.keys.deltasChannel(swarmId)] as const;
      swarmOf.set(channels[0], { swarmId, kind: 'event' });
      swarmOf.set(channels[1], { swarmId, kind: 'delta' });
      const subscribed = subscriber.subscribe(...channels);
      state = { followers: new Set(), holders: 0, subscribed, catching: false, again: false };
      followed.set(swarmId, state);
    }
    state.holders += 1;
    return state;
  }

  function letGo(swarmId: string, state: Followed): void {
    state.holders -= 1;
    if (state.holders === 0 && followed.get(swarmId) === state) unsubscribe(swarmId);
  }

  function unsubscribe(swarmId: string): void {
    const { keys } = ledger;
    followed.delete(swarmId);
    for (const channel of [keys.eventsChannel(swarmId), keys.deltasChannel(swarmId)]) {
      swarmOf.delete(channel);
      subscriber.unsubscribe(channel).catch(onError);
    }
  }

  return {
    async follow(swarmId, after, reader, epoch) {
      const state = hold(swarmId);
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        state.followers.delete(follower);
        letGo(swarmId, state);
      };
      const follower: Follower = { reader, seq: after, epoch, end, doubtful: false };
      let there: boolean;
      try {
        await state.subscribed;
        there = await replay(swarmId, follower);
      } catch (error) {
        end();
        throw error;
      }
      const replayed = { seq: follower.seq, epoch: follower.epoch };
      if (!there) {
        end();
        reader.gone?.();
        return { ...replayed, end };
      }
      // Replayed alone first, then joined to the live ones; the stretch in between is caught up, in order.
      state.followers.add(follower);
      catchUp(swarmId, state);
      return { ...replayed, end };
    },
    read,
    get swarms() {
      return followed.size;
    },
    close() {
      clearInterval(looking);
      followed.clear();
      swarmOf.clear();
      subscriber.disconnect();
    },
  };
}
