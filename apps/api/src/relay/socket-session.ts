import { randomUUID } from 'node:crypto';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import type { WebSocket } from 'ws';
import { ownSwarm } from '../access.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import { deltaFrame, eventText, resyncFrame } from '../views/event-frame.ts';
import { iso } from '../views/time.ts';
import { type ClientMessage, readClientMessage, type SocketError } from './client-message.ts';
import { type EventSink, followSwarm } from './follow-swarm.ts';
import { CLOSE_RESTART, CLOSE_TRY_AGAIN, CLOSE_UNAUTHORIZED, createSocketOutbox } from './socket-outbox.ts';

const MAX_SUBSCRIPTIONS = 50;

type SessionDeps = Pick<ApiDeps, 'ledger' | 'patientLedger' | 'feed' | 'log' | 'now'>;

interface Subscription {
  /** Number of the last event sent. */
  seq: number;
  cancelled: boolean;
  /** Its past has been sent. */
  caughtUp: boolean;
  end(): void;
}

export interface SocketSession {
  /** One frame of the client's; undefined for a binary one. */
  receive(frame: string | undefined): void;
  /** The connection is gone. */
  closed(): void;
  /** The server is going away. */
  end(): void;
  /** Its key or token is good no longer. */
  expire(): void;
  /** Its caller asks for more than one may have. */
  refuse(why: string): void;
}

/** The conversation with one WebSocket client. Says `connected` once, first. */
export function createSocketSession(
  deps: SessionDeps,
  socket: WebSocket,
  principal: Principal,
): SocketSession {
  const outbox = createSocketOutbox(socket);
  const subscriptions = new Map<string, Subscription>();
  const say = (frame: object) => outbox.send(JSON.stringify(frame));
  const complain = (error: SocketError) => say({ type: 'error', ...error });
  const confirm = (swarmId: string, seq: number) => say({ type: 'subscribed', swarmId, seq });
  say({ type: 'connected', clientId: `client_${randomUUID()}`, timestamp: iso(deps.now()) });

  function sinkOf(subscription: Subscription): EventSink {
    return {
      event(event) {
        if (subscription.cancelled) return;
        subscription.seq = event.seq;
        const send = subscription.caughtUp ? outbox.send : outbox.sendPast;
        send(eventText(event));
      },
      resync(resync) {
        if (subscription.cancelled) return;
        subscription.seq = resync.firstSeq - 1;
        const send = subscription.caughtUp ? outbox.send : outbox.sendPast;
        send(JSON.stringify(resyncFrame(resync)));
      },
      delta: (delta) => {
        if (subscription.caughtUp && !subscription.cancelled)
          outbox.sendIfQuick(JSON.stringify(deltaFrame(delta)));
      },
      drained: () => outbox.drained(),
      get closed() {
        return subscription.cancelled || outbox.closed;
      },
    };
  }

  async function subscribe(swarmId: string, after: number, epoch: number | undefined): Promise<void> {
    const known = subscriptions.get(swarmId);
    if (known !== undefined) {
      // Asked again: nothing is sent twice. While its past is on its way, the answer is still to come.
      if (known.caughtUp) confirm(swarmId, known.seq);
      return;
    }
    if (subscriptions.size >= MAX_SUBSCRIPTIONS) {
      const message = `A connection follows at most ${MAX_SUBSCRIPTIONS} swarms. Unsubscribe from one first.`;
      complain({ code: 'too_many_subscriptions', message, swarmId });
      return;
    }
    const subscription: Subscription = {
      seq: after,
      cancelled: false,
      caughtUp: false,
      end: () => undefined,
    };
    subscriptions.set(swarmId, subscription);
    try {
      const swarm = await ownSwarm(deps.ledger, principal, swarmId);
      const from = { swarmId, after, epoch, ended: isTerminalSwarm(swarm.status) };
      const streams = { ledger: deps.patientLedger, feed: deps.feed };
      const following = await followSwarm(streams, from, sinkOf(subscription));
      if (subscription.cancelled) {
        following.end();
        return;
      }
      subscription.end = following.end;
      subscription.caughtUp = true;
      confirm(swarmId, following.seq);
    } catch (error) {
      cancel(swarmId, subscription);
      complain(socketError(error, swarmId));
    }
  }

  function cancel(swarmId: string, subscription: Subscription): void {
    subscription.cancelled = true;
    subscription.end();
    if (subscriptions.get(swarmId) === subscription) subscriptions.delete(swarmId);
  }

  function socketError(error: unknown, swarmId: string): SocketError {
    if (error instanceof ClaudeFlowError && error.code === 'swarm_not_found') {
      return { code: 'swarm_not_found', message: error.message, swarmId };
    }
    if (isRedisAway(error)) {
      const message = 'The store behind this API cannot be reached at the moment. Subscribe again shortly.';
      return { code: 'redis_unavailable', message, swarmId };
    }
    deps.log.error({ err: error, swarmId }, 'A subscription failed');
    return { code: 'internal', message: 'Something went wrong on our side. Subscribe again.', swarmId };
  }

  function act(message: ClientMessage): void {
    switch (message.type) {
      case 'ping':
        say({ type: 'pong', timestamp: iso(deps.now()) });
        break;
      case 'unsubscribe': {
        const subscription = subscriptions.get(message.swarmId);
        if (subscription !== undefined) cancel(message.swarmId, subscription);
        say({ type: 'unsubscribed', swarmId: message.swarmId });
        break;
      }
      case 'subscribe':
        void subscribe(message.swarmId, message.after ?? 0, message.epoch);
    }
  }

  return {
    receive(frame) {
      const message = readClientMessage(frame);
      if ('code' in message) complain(message);
      else act(message);
    },
    closed() {
      for (const [swarmId, subscription] of subscriptions) cancel(swarmId, subscription);
    },
    end: () => outbox.close(CLOSE_RESTART, 'The server restarts: connect again and subscribe with after.'),
    expire: () => outbox.close(CLOSE_UNAUTHORIZED, 'Your key or token is no longer valid.'),
    refuse: (why) => outbox.close(CLOSE_TRY_AGAIN, why),
  };
}
