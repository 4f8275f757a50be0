import { isSwarmId } from '../domain/ids.ts';
import { isTerminalSwarm, type SwarmStatus } from '../domain/states.ts';
import type { RedisClient } from '../redis/connect.ts';
import { CENSUS_LOOK_EVERY_MS, CENSUS_WINDOW_MS } from '../runtime/tunables.ts';
import type { Ledger } from '../store/ledger.ts';
import { type ListOf, type ListPlace, listPresentIds, listSwarmsSince } from '../store/swarm-lists.ts';
import { createInFlight } from './in-flight.ts';

/** A swarm as the census finds it. */
export interface Found extends ListPlace {
  /** Number and epoch of its newest event. */
  seq: number;
  epoch: number;
  /** It has ended. */
  over: boolean;
}

export interface Census {
  /**
   * Says which swarms somebody has, and from then on `born` of each new one, once.
   * @param whose nobody hears of another owner's swarms: the swarm's own record is asked
   * @param from.since besides those that have not ended: all created since, milliseconds since 1970
   * @param from.also and these, if they are theirs
   */
  watch(
    whose: ListOf,
    from: { since?: number | undefined; also: readonly string[] },
    born: (swarm: Found) => void,
  ): Promise<{ present: Found[]; end(): void }>;
  close(): void;
}

interface Reader {
  born: (swarm: Found) => void;
  /** New swarms that it hears of after what is there already. */
  early: Found[] | undefined;
}

/** All who follow the swarms of one owner, or everybody's. */
interface Watched {
  whose: ListOf;
  readers: Set<Reader>;
  /** Swarms that all readers have been told of, by when they were created; the recent ones. */
  known: Map<string, number>;
  /** Resolves when messages come and the recent swarms are known. */
  ready: Promise<unknown>;
}

/**
 * Finds the swarms of those who follow all of theirs. The ledger publishes per swarm and there may be many swarms of many
 * owners; so only the birth of a swarm is published for all, on one channel, subscribed to while somebody here follows
 * everything. Who missed that message finds the swarm in the owner's index.
 */
export function createCensus(
  ledger: Ledger,
  subscriber: RedisClient,
  deps: { onError: (error: unknown) => void; now(): number },
): Census {
  const { keys } = ledger;
  const watched = new Map<string, Watched>();
  const share = createInFlight<Found | undefined>();
  const nameOf = (whose: ListOf) => (whose === 'everybody' ? '' : keys.ownerTag(whose.owner));

  /** @returns undefined when there is no such swarm, or it is not theirs */
  async function look({ swarmId, createdAt }: ListPlace, whose: ListOf): Promise<Found | undefined> {
    const owner = whose === 'everybody' ? '' : whose.owner;
    return share(`${swarmId} ${owner}`, async () => {
      const meta = await ledger.redis.hmget(keys.swarm(swarmId, 'meta'), 'owner', 'status', 'seq', 'epoch');
      const [itsOwner, status, seq, epoch] = meta;
      if (itsOwner == null || (whose !== 'everybody' && itsOwner !== owner)) return undefined;
      const over = isTerminalSwarm(status as SwarmStatus);
      return { swarmId, createdAt, seq: Number(seq), epoch: Number(epoch), over };
    });
  }

  async function lookAtAll(places: readonly ListPlace[], whose: ListOf): Promise<Found[]> {
    const looked = await Promise.all(places.map((place) => look(place, whose)));
    return looked.filter((found) => found !== undefined);
  }

  /** Those that are new are told to all readers but one, who hears of them otherwise. */
  function tell(state: Watched, found: readonly Found[], except?: Reader): void {
    for (const swarm of found) {
      if (state.known.has(swarm.swarmId)) continue;
      state.known.set(swarm.swarmId, swarm.createdAt);
      for (const reader of [...state.readers]) {
        if (reader === except) continue;
        if (reader.early === undefined) reader.born(swarm);
        else reader.early.push(swarm);
      }
    }
  }

  async function recent({ whose, known }: Watched): Promise<Found[]> {
    const since = deps.now() - CENSUS_WINDOW_MS;
    const places = await listSwarmsSince(ledger, whose, since);
    const found = await lookAtAll(
      places.filter(({ swarmId }) => !known.has(swarmId)),
      whose,
    );
    // Twice as far back: by the time of the next look none of these is found any more.
    for (const [swarmId, createdAt] of known) if (createdAt < since - CENSUS_WINDOW_MS) known.delete(swarmId);
    return found;
  }

  function lookAgain(): void {
    for (const state of watched.values()) {
      state.ready
        .then(() => recent(state))
        .then((found) => tell(state, found))
        .catch(deps.onError);
    }
  }

  subscriber.on('message', (channel: string, text: string) => {
    if (channel !== keys.bornChannel) return;
    const [tag = '', createdAt = '', swarmId = ''] = text.split(' ');
    if (!isSwarmId(swarmId)) return;
    for (const state of [watched.get(tag), watched.get('')]) {
      if (state === undefined || state.known.has(swarmId)) continue;
      look({ swarmId, createdAt: Number(createdAt) }, state.whose)
        .then((found) => {
          if (found !== undefined) tell(state, [found]);
        })
        .catch(deps.onError);
    }
  });
  subscriber.on('ready', lookAgain);
  let looking: NodeJS.Timeout | undefined;

  function hold(whose: ListOf): Watched {
    const name = nameOf(whose);
    const there = watched.get(name);
    if (there !== undefined) return there;
    if (watched.size === 0) {
      looking = setInterval(lookAgain, CENSUS_LOOK_EVERY_MS);
      looking.unref();
    }
    const state: Watched = { whose, readers: new Set(), known: new Map(), ready: Promise.resolve() };
    watched.set(name, state);
    state.ready = subscriber
      .subscribe(keys.bornChannel)
      .then(() => recent(state))
      .then((found) => tell(state, found));
    // Whoever waits for it is told.
    state.ready.catch(() => undefined);
    return state;
  }

  function letGo(state: Watched, reader: Reader): void {
    state.readers.delete(reader);
    if (state.readers.size > 0 || watched.get(nameOf(state.whose)) !== state) return;
    watched.delete(nameOf(state.whose));
    if (watched.size > 0) return;
    clearInterval(looking);
    subscriber.unsubscribe(keys.bornChannel).catch(deps.onError);
  }

  async function candidates(whose: ListOf, since: number | undefined, also: readonly string[]) {
    const [present, recentOnes] = await Promise.all([
      listPresentIds(ledger, whose),
      since === undefined ? [] : listSwarmsSince(ledger, whose, since),
    ]);
    const places = new Map([...present, ...recentOnes].map((place) => [place.swarmId, place]));
    for (const swarmId of also) {
      if (!places.has(swarmId) && isSwarmId(swarmId)) places.set(swarmId, { swarmId, createdAt: 0 });
    }
    return [...places.values()];
  }

  return {
    async watch(whose, { since, also }, born) {
      const state = hold(whose);
      const early: Found[] = [];
      const reader: Reader = { born, early };
      // From here on it hears of every new swarm, so that none falls between the lists below and later ones.
      state.readers.add(reader);
      try {
        await state.ready;
        const present = await lookAtAll(await candidates(whose, since, also), whose);
        // Older ones were there before anybody listened; nobody is told of them as new.
        const newSince = deps.now() - CENSUS_WINDOW_MS;
        tell(
          state,
          present.filter(({ createdAt }) => createdAt >= newSince),
          reader,
        );
        const there = new Set(present.map(({ swarmId }) => swarmId));
        reader.early = undefined;
        for (const swarm of early) if (!there.has(swarm.swarmId)) born(swarm);
        return { present, end: () => letGo(state, reader) };
      } catch (error) {
        letGo(state, reader);
        throw error;
      }
    },
    close() {
      clearInterval(looking);
      watched.clear();
    },
  };
}
