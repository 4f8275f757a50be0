import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { ClaudeFlowError } from '@claude-flow/core/domain/errors';
import { isTerminalSwarm } from '@claude-flow/core/domain/states';
import { isRedisAway } from '@claude-flow/core/redis/connect';
import type { WebSocket } from 'ws';
import { ownSwarm, swarmNotFound } from '../auth/access.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../http/deps.ts';
import { iso } from '../http/time.ts';
import { createAllSubscription } from './all-subscription.ts';
import {
  ALL_SWARMS,
  type ClientMessage,
  readClientMessage,
  type SocketError,
  type Subscribe,
} from './client-message.ts';
import { createSocketFollows, type Follow } from './socket-follows.ts';
import { CLOSE_RESTART, CLOSE_TRY_AGAIN, CLOSE_UNAUTHORIZED, createSocketOutbox } from './socket-outbox.ts';
import { textFrame } from './text-frame.ts';
import type { WriteBatches } from './write-batches.ts';

/** Swarms that a socket follows by name. */
const MAX_SUBSCRIPTIONS = 50;
/** Reads that `*` counts for: it reads all unfinished swarms of its owner. */
const ALL_SWARMS_COST = 10;

export interface SessionDeps extends Pick<ApiDeps, 'ledger' | 'feed' | 'census' | 'log' | 'now'> {
  batches: WriteBatches;
  /** Counts a frame that is answered from Redis among its caller's reads. @returns a sentence when there were too many */
  readsLeft(cost: number): Promise<string | undefined>;
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

/**
 * The conversation with one WebSocket client. Says `connected` once, first.
 * @param wire the connection beneath the socket
 */
export function createSocketSession(
  deps: SessionDeps,
  socket: WebSocket,
  wire: Socket,
  principal: Principal,
): SocketSession {
  const outbox = createSocketOutbox(socket, wire, deps.batches);
  const follows = createSocketFollows(deps.feed, outbox, ({ swarmId, named }) => {
    // Who follows all of them was told of no such swarm.
    if (named) complain(socketError(swarmNotFound(swarmId), swarmId));
  });
  const say = (message: object) => outbox.send(textFrame(JSON.stringify(message)));
  const complain = (error: SocketError) => say({ type: 'error', ...error });
  const confirm = ({ swarmId, place: { seq, epoch } }: Follow) =>
    say({ type: 'subscribed', swarmId, seq, ...(epoch === undefined ? {} : { epoch }) });
  const all = createAllSubscription({
    census: deps.census,
    follows,
    whose: principal.seesAll ? 'everybody' : { owner: principal.owner },
    outbox,
    say,
    complain,
    confirm,
    failed: (error) => complain(socketError(error, ALL_SWARMS)),
  });
  say({ type: 'connected', clientId: `client_${randomUUID()}`, timestamp: iso(deps.now()) });

  async function subscribe({ swarmId, after = 0, epoch }: Subscribe): Promise<void> {
    const known = follows.get(swarmId);
    if (known?.named) {
      // Asked again: nothing is sent twice. While its past is on its way, the answer is still to come.
      if (known.caughtUp) confirm(known);
      return;
    }
    if (follows.named >= MAX_SUBSCRIPTIONS) {
      const message = `A connection follows at most ${MAX_SUBSCRIPTIONS} swarms by name. Unsubscribe from one first, or follow "*".`;
      complain({ code: 'too_many_subscriptions', message, swarmId });
      return;
    }
    const follow = follows.begin(swarmId, { seq: after, epoch }, true);
    try {
      const swarm = await ownSwarm(deps.ledger, principal, swarmId);
      if (await follows.run(follow, isTerminalSwarm(swarm.status))) confirm(follow);
    } catch (error) {
      follows.cancel(follow);
      complain(socketError(error, swarmId));
    }
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

  function unsubscribe(swarmId: string): void {
    const follow = follows.get(swarmId);
    if (swarmId === ALL_SWARMS) all.end();
    else if (follow !== undefined) follows.cancel(follow);
    say({ type: 'unsubscribed', swarmId });
  }

  /** Frames are taken in the order in which they came, also while their cost is counted. */
  let turn: Promise<unknown> = Promise.resolve();
  let gone = false;
  function counted(message: Subscribe, go: () => void): Promise<void> {
    const cost = message.swarmId === ALL_SWARMS ? ALL_SWARMS_COST : 1;
    const mine = turn.then(async () => {
      const tooMuch = await deps.readsLeft(cost).catch(() => undefined);
      if (gone) return;
      if (tooMuch === undefined) go();
      else complain({ code: 'limit_exceeded', message: tooMuch, swarmId: message.swarmId });
    });
    turn = mine;
    return mine;
  }

  function act(message: ClientMessage): void {
    switch (message.type) {
      case 'ping':
        say({ type: 'pong', timestamp: iso(deps.now()) });
        break;
      case 'unsubscribe': {
        // After what was asked for before it.
        void turn.then(() => unsubscribe(message.swarmId));
        break;
      }
      case 'subscribe':
        void counted(message, () => {
          if (message.swarmId === ALL_SWARMS) all.begin(message);
          else void subscribe(message);
        });
    }
  }

  return {
    receive(frame) {
      const message = readClientMessage(frame);
      if ('code' in message) complain(message);
      else act(message);
    },
    closed() {
      gone = true;
      all.end();
      follows.cancelAll();
    },
    end: () => outbox.close(CLOSE_RESTART, 'The server restarts: connect again and subscribe with after.'),
    expire: () => outbox.close(CLOSE_UNAUTHORIZED, 'Your key or token is no longer valid.'),
    refuse: (why) => outbox.close(CLOSE_TRY_AGAIN, why),
  };
}
