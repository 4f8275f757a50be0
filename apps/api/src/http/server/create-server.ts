import { createServer as createHttpServer, type ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions as HttpsOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { createAdaptorServer, getRequestListener, type WebSocketServerLike } from '@hono/node-server';
import type { ServerConfig } from '../../config/config.ts';
import type { App } from '../add-routes.ts';
import { MAX_HEADERS } from '../middleware/headers.ts';
import type { ApiServer } from './api-server.ts';
import { readPem } from './certificate.ts';
import { answerClientError } from './client-error.ts';
import { capConnections } from './connection-caps.ts';
import { closeAfterAnswers } from './last-answers.ts';
import { answerExpectation, answerUnroutable } from './refuse-request.ts';
import type { UnreadAnswers } from './unread-answers.ts';
import { answeringUpgrades, asksForSocket } from './upgrades.ts';

/** All headers of one request together, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How often Node looks for requests that take too long; it cuts one off up to this much late. */
const CHECK_CONNECTIONS_EVERY_MS = 500;
/** A connection on which nothing moves for this long is ended: a reader that does not read. Streams move every 15 s. */
const SILENT_CONNECTION_MS = 120_000;
const MIN_TLS_VERSION = 'TLSv1.2';

/** What a request without a host is taken to be for. */
const OLD_CLIENTS_HOST = 'localhost';

export interface OwnServer {
  server: ApiServer;
  /** Ends every connection at once, those in the middle of a handshake too. */
  cutOff(): void;
  /** Every answer from now on ends its connection. */
  closeAfterAnswers(): void;
}

/** The server under the app, HTTPS when there is a certificate; it bears with clients that are slow, endless or many. */
export function createServer(
  app: App,
  deps: { config: ServerConfig; sockets: WebSocketServerLike; unread: UnreadAnswers; log: Logger },
): OwnServer {
  const { config } = deps;
  const common = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // Refused all the same, with a problem document instead of Node's empty 400.
    requireHostHeader: false,
    headersTimeout: Math.min(config.headersTimeoutMs, config.requestTimeoutMs),
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionsCheckingInterval: CHECK_CONNECTIONS_EVERY_MS,
    // Everything else is answered as plain HTTP instead of being left hanging.
    shouldUpgradeCallback: asksForSocket,
  };
  // The adaptor's own listener answers an unusable address with an empty 400.
  const errorHandler = (error: unknown) => answerUnroutable(error, deps.log);
  const modern = getRequestListener(app.fetch, { errorHandler });
  // HTTP/1.0 has no Host header, and health checks of balancers still speak it.
  const old = getRequestListener(app.fetch, { errorHandler, hostname: OLD_CLIENTS_HOST });
  const listener: ReturnType<typeof getRequestListener> = (request, response) => {
    const { socket } = request;
    if (response instanceof ServerResponse) deps.unread.answers(socket, response);
    const answered = (request.httpVersion === '1.0' ? old : modern)(request, response);
    return Promise.resolve(answered).finally(() => deps.unread.written(socket));
  };
  const adaptor = { fetch: answeringUpgrades(app), websocket: { server: deps.sockets } };
  const { tls } = config;
  const server =
    tls === undefined
      ? createAdaptorServer({
          ...adaptor,
          createServer: ((options: ServerOptions) =>
            createHttpServer(options, listener)) as typeof createHttpServer,
          serverOptions: common,
        })
      : createAdaptorServer({
          ...adaptor,
          createServer: ((options: HttpsOptions) =>
            createHttpsServer(options, listener)) as typeof createHttpsServer,
          serverOptions: {
            ...common,
            cert: readPem(tls.certFile),
            key: readPem(tls.keyFile),
            minVersion: MIN_TLS_VERSION,
            // A handshake that stands still is a half-open request as well.
            handshakeTimeout: common.headersTimeout,
          },
        });
  const own = server as ApiServer;
  // One more than is allowed: what is more is refused, not dropped in silence.
  own.maxHeadersCount = MAX_HEADERS + 1;
  own.setTimeout(SILENT_CONNECTION_MS);
  own.on('clientError', answerClientError);
  own.on('checkExpectation', answerExpectation);
  // Whoever could not agree on an encryption cannot be told anything.
  own.on('tlsClientError', (_error, socket) => socket.destroy());
  capConnections(own, config, deps.log);
  own.on(tls === undefined ? 'connection' : 'secureConnection', deps.unread.watch);
  const open = new Set<Socket>();
  own.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return {
    server: own,
    closeAfterAnswers: closeAfterAnswers(own),
    cutOff() {
      for (const socket of [...open]) socket.destroy();
    },
  };
}
