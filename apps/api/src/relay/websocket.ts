import { upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { WS_PROTOCOL } from '../auth/credentials.ts';
import { originAllowed } from '../config/origins.ts';
import { type AppEnv, principalOf } from '../http/app-env.ts';
import type { ApiDeps } from '../http/deps.ts';
import { ApiError } from '../http/errors/api-error.ts';
import { READS } from '../http/middleware/limit.ts';
import { answerSocketError } from '../http/server/client-error.ts';
import { type Budget, budgetSpent, createBudget } from '../limits/budget.ts';
import { callerName } from '../limits/caller-group.ts';
import { createFrameRate, MAX_FRAMES_PER_S } from './frame-rate.ts';
import { createSocketSession, type SocketSession } from './socket-session.ts';
import { guardStreams } from './stream-guard.ts';
import { createWriteBatches } from './write-batches.ts';

/** A frame of a client may be this large, in bytes; the connection is closed with 1009 above. */
const MAX_FRAME_BYTES = 64 * 1024;

/** What turns connections of the HTTP server into WebSockets. Offers of protocols that hold a key are never repeated. */
export function createSocketServer(): WebSocketServerLike {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => (offered.has(WS_PROTOCOL) ? WS_PROTOCOL : false),
  });
  server.on('wsClientError', answerSocketError);
  // Their types differ in whether an option that is there may be undefined.
  return server as WebSocketServerLike;
}

/** Refuses before the upgrade, with an HTTP status: turned off, no upgrade at all, a page of a strange origin. */
export function guardUpgrade(deps: Pick<ApiDeps, 'config' | 'streams'>): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (!deps.config.websocket.enabled) {
      throw new ApiError(
        'websocket_disabled',
        'This server offers no WebSocket (WS_ENABLED=false). Poll or use SSE.',
      );
    }
    // An answer that can be written to: Node took it for a plain request, whatever its Upgrade header says.
    const plain = c.env?.outgoing !== undefined;
    if (plain || c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
      // Without "close" a connection that was to end would stay open.
      const headers = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
      throw new ApiError('upgrade_required', 'This address speaks WebSocket only.', { headers });
    }
    if (!originAllowed(deps.config.corsOrigins, c.req.header('origin'), c.req.header('host'))) {
      throw new ApiError(
        'origin_not_allowed',
        'Pages of this origin may not connect. Add it to CORS_ORIGINS.',
      );
    }
    guardStreams(deps, callerName(c, deps.config));
    await next();
  };
}

/** The handler of `/ws`, behind authentication and `guardUpgrade`. */
export function socketHandler(deps: ApiDeps) {
  let reads: Budget | undefined;
  const readsLeftOf = (caller: string) => async (cost: number) => {
    const { limits } = deps.config;
    if (limits === undefined) return undefined;
    const { reads: points, windowMs } = limits;
    reads ??= createBudget(deps.ledger, { kind: 'read', points, windowMs }, deps.now);
    const state = await reads.spend(caller, cost);
    return state.allowed ? undefined : budgetSpent(state, READS).message;
  };
  const sessionDeps = { ...deps, batches: createWriteBatches() };
  return upgradeWebSocket(
    (c) => {
      const principal = principalOf(c);
      const caller = callerName(c, deps.config);
      const wire = c.env.incoming?.socket;
      let session: SocketSession | undefined;
      const withinRate = createFrameRate(deps.now);
      const forget: (() => void)[] = [];
      return {
        onOpen: (_event, { raw }) => {
          const socket = raw as WebSocket;
          // Only a real connection can be upgraded.
          if (wire === undefined) return socket.terminate();
          const opened = createSocketSession(
            { ...sessionDeps, readsLeft: readsLeftOf(caller) },
            socket,
            wire,
            principal,
          );
          session = opened;
          forget.push(deps.streams.add(opened, caller));
          forget.push(deps.standing.watch(principal, opened.expire));
          deps.heartbeat.watch(socket);
          // Several that were let through at the same moment: the last ones go.
          const max = deps.config.maxStreamsPerCaller;
          if (deps.streams.countOf(caller) > max)
            opened.refuse(`At most ${max} connections: close one first.`);
        },
        onMessage: ({ data }) => {
          if (withinRate()) session?.receive(typeof data === 'string' ? data : undefined);
          else session?.refuse(`At most ${MAX_FRAMES_PER_S} frames a second.`);
        },
        onClose: () => {
          session?.closed();
          for (const undo of forget) undo();
        },
      };
    },
    { onError: (error) => deps.log.error({ err: error }, 'A WebSocket handler failed') },
  );
}
