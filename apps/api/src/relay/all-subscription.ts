import type { Census } from '@claude-flow/core/relay/census';
import type { EventPosition } from '@claude-flow/core/store/events';
import type { ListOf } from '@claude-flow/core/store/swarm-lists';
import { ALL_SWARMS, type SocketError, type Subscribe } from './client-message.ts';
import { type FollowAll, followAll, MAX_FOLLOWED } from './follow-all.ts';
import type { Follow, SocketFollows } from './socket-follows.ts';
import type { SocketOutbox } from './socket-outbox.ts';

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

  const tooMany = () => {
    present = undefined;
    const message = `There are more than ${MAX_FOLLOWED} swarms to follow. Subscribe to those you need.`;
    deps.complain({ code: 'too_many_subscriptions', message, swarmId: ALL_SWARMS });
  };
  const confirm = () =>
    deps.say({ type: 'subscribed', swarmId: ALL_SWARMS, seq: 0, swarms: present?.begun ?? 0 });

  return {
    begin({ after, since, places: some = {}, more }) {
      if (present !== undefined) {
        // Asked again: nothing is sent twice.
        if (present.begun !== undefined) confirm();
        return;
      }
      for (const [swarmId, [seq, epoch]] of Object.entries(some)) places.set(swarmId, { seq, epoch });
      if (places.size > MAX_FOLLOWED) {
        places = new Map();
        tooMany();
        return;
      }
      if (more) return;
      const from = { after, since, places };
      places = new Map();
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
    },
    end() {
      present?.end();
      present = undefined;
      places = new Map();
    },
  };
}
