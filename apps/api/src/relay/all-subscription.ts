import type { Census } from '@claude-flow/core/relay/census';
import type { EventPosition } from '@claude-flow/core/store/events';
import type { ListOf } from '@claude-flow/core/store/swarm-lists';
import { ALL_SWARMS, type SocketError, type Subscribe } from './client-message.ts';
import { type AllFrom, type FollowAll, followAll, MAX_FOLLOWED } from './follow-all.ts';
import type { Follow, SocketFollows } from './socket-follows.ts';
import type { SocketOutbox } from './socket-outbox.ts';

/** Between two messages with places of one subscription; what has come of them is kept for no longer. */
const MORE_PLACES_MS = 10_000;

export interface AllSubscriptionDeps {
  census: Census;
  follows: SocketFollows;
  whose: ListOf;
  outbox: Pick<SocketOutbox, 'drained'>;
  say(message: object): void;
  complain(error: SocketError): void;
  confirm(follow: Follow): void;
  failed(error: unknown): void;
}

/** A client's `*`, as it asks for it: possibly in several messages, the places of many swarms among them. */
export interface AllSubscription {
  begin(message: Subscribe): void;
  end(): void;
}

export function createAllSubscription(deps: AllSubscriptionDeps): AllSubscription {
  let places = new Map<string, EventPosition>();
  let present: FollowAll | undefined;
  /** One census at a time: who unsubscribes and subscribes again waits until the one before has read what it had begun to read. */
  let reading: Promise<void> | undefined;
  let next: AllFrom | undefined;
  let morePlaces: NodeJS.Timeout | undefined;

  const tooMany = () => {
    present = undefined;
    const message = `There are more than ${MAX_FOLLOWED} swarms to follow. Subscribe to those you need.`;
    deps.complain({ code: 'too_many_subscriptions', message, swarmId: ALL_SWARMS });
  };
  const confirm = () =>
    deps.say({ type: 'subscribed', swarmId: ALL_SWARMS, seq: 0, swarms: present?.begun ?? 0 });
  const forgetPlaces = () => {
    clearTimeout(morePlaces);
    morePlaces = undefined;
    places = new Map();
  };

  function start(from: AllFrom): void {
    const { census, follows } = deps;
    const failed = (error: unknown) => {
      present = undefined;
      deps.failed(error);
    };
    const drained = () => deps.outbox.drained();
    present = followAll(
      { census, follows, confirm: deps.confirm, failed, tooMany, drained },
      deps.whose,
      from,
      confirm,
    );
    reading = present.settled.finally(() => {
      reading = undefined;
      const asked = next;
      next = undefined;
      if (asked !== undefined) start(asked);
    });
  }

  return {
    begin({ after, since, places: some = {}, more }) {
      if (present !== undefined) {
        // Asked again: nothing is sent twice.
        if (present.begun !== undefined) confirm();
        return;
      }
      if (next !== undefined) return;
      for (const [swarmId, [seq, epoch]] of Object.entries(some)) places.set(swarmId, { seq, epoch });
      if (places.size > MAX_FOLLOWED) {
        forgetPlaces();
        tooMany();
        return;
      }
      clearTimeout(morePlaces);
      if (more) {
        morePlaces = setTimeout(() => {
          forgetPlaces();
          const message = `The rest of places did not come within ${MORE_PLACES_MS / 1000} s. Subscribe again with all of them.`;
          deps.complain({ code: 'places_incomplete', message, swarmId: ALL_SWARMS });
        }, MORE_PLACES_MS);
        morePlaces.unref();
        return;
      }
      const from = { after, since, places };
      forgetPlaces();
      if (reading === undefined) start(from);
      else next = from;
    },
    end() {
      present?.end();
      present = undefined;
      next = undefined;
      forgetPlaces();
    },
  };
}
