import { isSwarmId } from '@claude-flow/core/domain/ids';
import type { Census, Found } from '@claude-flow/core/relay/census';
import type { EventPosition } from '@claude-flow/core/store/events';
import type { ListOf } from '@claude-flow/core/store/swarm-lists';
import type { Follow, SocketFollows } from './socket-follows.ts';

/** Swarms that one socket may follow by `*` at once: some ten megabytes of our memory. */
export const MAX_FOLLOWED = 10_000;
/** Pasts that are sent side by side: enough to keep busy, little enough for others. */
const LANES = 20;

/** What `*` begins with. */
export interface AllFrom {
  /** 0: the whole past of what has not ended; else from now on. */
  after: number | undefined;
  since: number | undefined;
  places: ReadonlyMap<string, EventPosition>;
}

/** The `*` of one socket. */
export interface FollowAll {
  /** How many there were to begin with; known when their past has been sent. */
  begun: number | undefined;
  /** Nothing of it is read from Redis any more. */
  settled: Promise<void>;
  end(): void;
}

export interface FollowAllDeps {
  census: Census;
  follows: SocketFollows;
  /** A swarm's past has been sent. */
  confirm(follow: Follow): void;
  /** A swarm cannot be followed just now: all of `*` is given up, so that its client asks for all of it again. */
  failed(error: unknown): void;
  /** There are more than `MAX_FOLLOWED`. */
  tooMany(): void;
  drained(): Promise<void>;
}

/**
 * Follows all swarms of an owner, or everybody's: those that have not ended, then each new one from its first event. Every
 * one is followed as if it had been named, so that its events come without gap or repeat.
 * @param done all of the past has been sent
 */
export function followAll(deps: FollowAllDeps, whose: ListOf, from: AllFrom, done: () => void): FollowAll {
  const { follows } = deps;
  let ended = false;
  let stopWatching = (): void => undefined;
  const all: FollowAll = {
    begun: undefined,
    settled: Promise.resolve(),
    end() {
      if (ended) return;
      ended = true;
      stopWatching();
      follows.cancelAll('unnamed');
    },
  };
  const give = (up: () => void) => {
    if (ended) return;
    all.end();
    up();
  };

  async function follow(swarm: Found, place: EventPosition): Promise<void> {
    // By name it is followed already, from where its reader wanted.
    if (ended || follows.get(swarm.swarmId) !== undefined) return;
    const begun = follows.begin(swarm.swarmId, place, false);
    if (await follows.run(begun, swarm.over)) deps.confirm(begun);
  }

  function placeOf({ swarmId, createdAt, seq, epoch }: Found): EventPosition {
    const known = from.places.get(swarmId);
    if (known !== undefined) return known;
    const isNew = from.after === 0 || (from.since !== undefined && createdAt >= from.since);
    return isNew ? { seq: 0 } : { seq, epoch };
  }

  const born = (swarm: Found) => {
    if (ended) return;
    if (follows.size >= MAX_FOLLOWED) give(deps.tooMany);
    else void follow(swarm, { seq: 0 }).catch((error: unknown) => give(() => deps.failed(error)));
  };
  all.settled = (async () => {
    const also = [...from.places.keys()].filter(isSwarmId);
    const watching = await deps.census.watch(whose, { since: from.since, also }, born);
    stopWatching = watching.end;
    if (ended) return watching.end();
    const { present } = watching;
    if (present.length > MAX_FOLLOWED) return give(deps.tooMany);
    const left = present[Symbol.iterator]();
    const lane = async () => {
      for (const swarm of left) {
        await follow(swarm, placeOf(swarm));
        await deps.drained();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (ended) return;
    all.begun = present.length;
    done();
  })().catch((error: unknown) => give(() => deps.failed(error)));
  return all;
}
