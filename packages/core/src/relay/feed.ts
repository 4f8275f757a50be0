import type { Redis } from 'ioredis';
import type { AgentDelta, SwarmEvent } from '../contracts/swarm-event.ts';
import { readEvents } from '../store/events.ts';
import type { Ledger } from '../store/ledger.ts';

/** Somebody who follows a swarm: a socket, an SSE stream. */
export interface FeedReader {
  event(event: SwarmEvent): void;
  delta?(delta: AgentDelta): void;
}

export interface Feed {
  /**
   * Replays what came after `after`, in order, then goes on live, without gap or repeat.
   * @returns when the replay is done, the way to end it and the number of the last event replayed
   */
  follow(swarmId: string, after: number, reader: FeedReader): Promise<{ seq: number; end(): void }>;
  readonly swarms: number;
  close(): void;
}

interface Follower {
  reader: FeedReader;
  /** Number of the last event given to the reader. */
  seq: number;
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

/** A script's events are published together: one as it is, several as an array. */
function publishedEvents(text: string): SwarmEvent[] {
  const published = JSON.parse(text) as SwarmEvent | SwarmEvent[];
  return Array.isArray(published) ? published : [published];
}

/**
 * One Redis subscription per swarm per process, however many readers. A published event is only a fast path: whenever it
 * is not the very next one for a reader, the stream is read.
 */
export function createFeed(ledger: Ledger, subscriber: Redis, onError: (error: unknown) => void): Feed {
  const followed = new Map<string, Followed>();
  const swarmOf = new Map<string, { swarmId: string; kind: 'event' | 'delta' }>();

  subscriber.on('message', (channel: string, text: string) => {
    const target = swarmOf.get(channel);
    const state = target && followed.get(target.swarmId);
    if (target === undefined || state === undefined) return;
    if (target.kind === 'delta') {
      const delta = JSON.parse(text) as AgentDelta;
      for (const { reader } of state.followers) reader.delta?.(delta);
      return;
    }
    let behind = false;
    for (const event of publishedEvents(text)) {
      for (const follower of state.followers) {
        if (!state.catching && event.seq === follower.seq + 1) give(follower, event);
        else if (event.seq > follower.seq) behind = true;
      }
    }
    if (behind) catchUp(target.swarmId, state);
  });
  // After a lost connection the subscriptions come back, but what was published meanwhile does not. The catch-up must not
  // run before they are back, or an event in between would be missed by both.
  subscriber.on('ready', () => {
    const channels = [...swarmOf.keys()];
    if (channels.length === 0) return;
    subscriber
      .subscribe(...channels)
      .then(() => {
        for (const [swarmId, state] of followed) catchUp(swarmId, state);
      })
      .catch(onError);
  });

  function give(follower: Follower, event: SwarmEvent): void {
    follower.seq = event.seq;
    follower.reader.event(event);
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
        await readOn(swarmId, state);
      } while (state.again && state.followers.size > 0);
    })()
      .catch(onError)
      .finally(() => {
        state.catching = false;
      });
  }

  /** Reads from the slowest follower's place to the end of the stream. */
  async function readOn(swarmId: string, state: Followed): Promise<void> {
    for (;;) {
      if (state.followers.size === 0) return;
      const from = Math.min(...[...state.followers].map((follower) => follower.seq));
      const events = await readEvents(ledger, swarmId, from, REPLAY_PAGE);
      for (const event of events) {
        for (const follower of state.followers) {
          if (event.seq === follower.seq + 1) give(follower, event);
        }
      }
      if (events.length < REPLAY_PAGE) return;
    }
  }

  async function replay(swarmId: string, follower: Follower): Promise<void> {
    for (;;) {
      const events = await readEvents(ledger, swarmId, follower.seq, REPLAY_PAGE);
      for (const event of events) if (event.seq > follower.seq) give(follower, event);
      if (events.length < REPLAY_PAGE) return;
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
    async follow(swarmId, after, reader) {
      const state = hold(swarmId);
      const follower: Follower = { reader, seq: after };
      try {
        await state.subscribed;
        await replay(swarmId, follower);
      } catch (error) {
        letGo(swarmId, state);
        throw error;
      }
      const replayed = follower.seq;
      // Replayed alone first, then joined to the live ones; the stretch in between is caught up, in order.
      state.followers.add(follower);
      catchUp(swarmId, state);
      let ended = false;
      return {
        seq: replayed,
        end: () => {
          if (ended) return;
          ended = true;
          state.followers.delete(follower);
          letGo(swarmId, state);
        },
      };
    },
    get swarms() {
      return followed.size;
    },
    close() {
      followed.clear();
      swarmOf.clear();
      subscriber.disconnect();
    },
  };
}
