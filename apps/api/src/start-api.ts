import { setTimeout as sleep } from 'node:timers/promises';
import { createQueues } from '@claude-flow/core/queue/queues';
import { createRedis, isRedisAway } from '@claude-flow/core/redis/connect';
import { tellAway } from '@claude-flow/core/redis/tell-away';
import { createCensus } from '@claude-flow/core/relay/census';
import { createFeed } from '@claude-flow/core/relay/feed';
import { type Readiness, startHealthServer } from '@claude-flow/core/runtime/health-server';
import { listen } from '@claude-flow/core/runtime/listen';
import type { Logger } from '@claude-flow/core/runtime/logger';
import { createMetrics } from '@claude-flow/core/runtime/metrics';
import { API_REDIS_COMMAND_DEADLINE_MS } from '@claude-flow/core/runtime/tunables';
import { createLedger } from '@claude-flow/core/store/ledger';
import { openLedger } from '@claude-flow/core/store/open-ledger';
import { openOwnerNames } from '@claude-flow/core/store/owner-names';
import packageJson from '../package.json' with { type: 'json' };
import { createApp } from './app.ts';
import { type Authenticator, createAuthenticator, environmentOwners } from './auth/authenticator.ts';
import { createKeyRing, type KeyRing } from './auth/key-ring.ts';
import { createStanding } from './auth/standing.ts';
import { checkStore } from './config/boot-checks.ts';
import { tellOpenDoors } from './config/boot-warnings.ts';
import type { ApiConfig } from './config/config.ts';
import { openAccessLog } from './http/access-log.ts';
import type { App } from './http/add-routes.ts';
import type { ApiDeps } from './http/deps.ts';
import type { ApiServer } from './http/server/api-server.ts';
import { type CertificateReload, reloadCertificate } from './http/server/certificate-reload.ts';
import { createServer } from './http/server/create-server.ts';
import { createUnreadAnswers } from './http/server/unread-answers.ts';
import { createHeartbeat } from './relay/heartbeat.ts';
import { createStreams } from './relay/streams.ts';
import { createSocketServer } from './relay/websocket.ts';

const SERVICE = 'api';
/** Requests under way when the server stops get this long to end. */
const REQUEST_GRACE_MS = 5_000;
/** While the server stops, how often connections are looked at that have nothing left to do. */
const IDLE_SWEEP_MS = 50;

export interface ApiHost extends Pick<ApiDeps, 'front'> {
  /** Knows callers that the API itself does not. */
  identify?: Authenticator['identify'];
  /** Is a key of such a caller still good? Undefined for a `keyId` that is not one of theirs. */
  stands?(keyId: string): boolean | undefined;
  /** False: no server; whoever called hands requests to `app`. Then port and url mean nothing. */
  serve?: boolean;
  /** Milliseconds that a Redis command may take before the answer is 503. */
  redisDeadlineMs?: number;
}

export interface RunningApi {
  /** For callers in the same process. */
  app: App;
  deps: ApiDeps;
  port: number;
  healthPort?: number;
  /** The base of all addresses, for people on this machine. */
  url: string;
  /** Reads the TLS certificate anew; absent without TLS. */
  reloadCertificate?(): boolean;
  /**
   * Says "not ready" to probes, and serves on for `shutdownDelayMs`, each answer the last of its connection: until nobody sends
   * requests here any more. Resolves when that time is over; calling it again waits for the same end.
   */
  drain(): Promise<void>;
  /** Ends sockets and streams (their clients resume elsewhere), lets requests end, and lets go of Redis. */
  close(): Promise<void>;
}

/**
 * Connects to Redis and serves. All state lies in Redis: any number of these work side by side.
 * @throws ClaudeFlowError `redis_unavailable`, `port_taken`, `config_invalid`
 */
export async function startApi(
  given: ApiConfig,
  log: Logger,
  { front, identify, stands, serve = true, redisDeadlineMs = API_REDIS_COMMAND_DEADLINE_MS }: ApiHost = {},
): Promise<RunningApi> {
  tellOpenDoors(given, log, serve);
  let stopping = false;
  let draining: Promise<void> | undefined;
  const accessLog = given.accessLog === undefined ? undefined : await openAccessLog(given.accessLog, log);
  const metrics = createMetrics(SERVICE, { resources: given.measuring.resources });
  // While Redis is away every retry fails anew: that is one state, not a flood of lines.
  const onError = (error: unknown) =>
    log[isRedisAway(error) ? 'debug' : 'warn']({ err: error }, 'Redis: error');
  const connection = (use: string, url = given.redisUrl) => ({
    url,
    tls: given.redisTls,
    name: `claude-flow-${SERVICE}-${use}`,
    onError,
  });

  // Whatever this connection sends takes effect before its caller is told that it failed, or never.
  const { ledger, deadlines, redisUrl, probe } = await openLedger(
    { ...connection('ledger'), mode: 'prompt', commandTimeoutMs: redisDeadlineMs },
    { prefix: given.redisPrefix, metrics, log },
  ).catch((error: unknown) => {
    accessLog?.close();
    throw error;
  });
  const config: ApiConfig = { ...given, redisUrl };
  const { redis } = ledger;
  const streamRedis = createRedis({ ...connection('streams', redisUrl), mode: 'patient' });
  const subscriber = createRedis({ ...connection('relay', redisUrl), mode: 'patient' });
  const endTelling = tellAway(redis, log, 'requests are answered 503');
  const patientLedger = createLedger({ redis: streamRedis, prefix: config.redisPrefix, metrics });
  const queues = createQueues(redis, ledger.keys.queuePrefix, onError, undefined, deadlines);
  const feed = createFeed(patientLedger, subscriber, onError);
  const census = createCensus(patientLedger, subscriber, { onError, now: Date.now });
  const streams = createStreams();
  const unread = createUnreadAnswers(config.server, log);
  const heartbeat = createHeartbeat(config.websocket.heartbeatMs);
  const sockets = createSocketServer();
  const keyRing = alsoHolding(createKeyRing({ ledger, subscriber, onError, now: Date.now }), stands);
  const standing = createStanding({ keyRing, now: Date.now });
  let certificate: CertificateReload | undefined;
  const readiness = async (): Promise<Readiness> =>
    stopping ? { ready: false, reason: 'The server is stopping.' } : probe.readiness();

  const disconnect = () => {
    endTelling();
    heartbeat.stop();
    unread.close();
    standing.close();
    certificate?.close();
    census.close();
    feed.close();
    for (const each of [redis, streamRedis, subscriber]) each.disconnect();
    accessLog?.close();
  };

  try {
    await checkStore(config, ledger);
    const ownerNames = await openOwnerNames(ledger, environmentOwners(config.auth));
    await Promise.all(
      [queues.plan, queues.task, queues.wake, queues.webhook].map((queue) => queue.waitUntilReady()),
    );
    const deps: ApiDeps = {
      config,
      version: packageJson.version,
      log,
      metrics,
      ledger,
      queues,
      feed,
      census,
      streams,
      unread,
      heartbeat,
      authenticator: alsoKnowing(createAuthenticator(config, keyRing, Date.now), identify),
      keyRing,
      ownerNames,
      standing,
      readiness,
      now: Date.now,
      ...(front === undefined ? {} : { front }),
      ...(accessLog === undefined ? {} : { accessLog }),
    };
    const app = createApp(deps);
    const { server, cutOff, closeAfterAnswers } = createServer(app, {
      config: config.server,
      sockets,
      unread,
      log,
    });
    if (config.server.tls !== undefined) certificate = reloadCertificate(server, config.server.tls, log);
    const port = serve ? await listen(server, config.port, config.host, 'PORT') : 0;
    const health =
      config.healthPort === undefined
        ? undefined
        : await startHealthServer({
            port: config.healthPort,
            host: config.host,
            ...(config.measuring.metrics ? { registry: metrics.registry } : {}),
            readiness,
          });

    return {
      app,
      deps,
      port,
      ...(health === undefined ? {} : { healthPort: health.port }),
      url: baseUrl(config, port),
      ...(certificate === undefined ? {} : { reloadCertificate: certificate.now }),
      drain() {
        stopping = true;
        closeAfterAnswers();
        draining ??= sleep(config.shutdownDelayMs);
        return draining;
      },
      async close() {
        stopping = true;
        closeAfterAnswers();
        streams.endAll();
        if (serve) await closeServer(server, cutOff);
        await keyRing.close();
        await queues.close();
        disconnect();
        await health?.close();
      },
    };
  } catch (error) {
    await keyRing.close();
    disconnect();
    throw error;
  }
}

function alsoKnowing(own: Authenticator, others: ApiHost['identify']): Authenticator {
  if (others === undefined) return own;
  return {
    ...own,
    identify: async (credentials) => (await own.identify(credentials)) ?? (await others(credentials)),
  };
}

function alsoHolding(own: KeyRing, others: ApiHost['stands']): KeyRing {
  if (others === undefined) return own;
  return { ...own, stands: async (keyId) => others(keyId) ?? own.stands(keyId) };
}

function closeServer(server: ApiServer, cutOff: () => void): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(cutOff, REQUEST_GRACE_MS);
    // A connection whose last answer has just gone out would otherwise be kept for the client's next request.
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
  });
}

function baseUrl({ host, server }: ApiConfig, port: number): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${server.tls === undefined ? 'http' : 'https'}://${name}:${port}`;
}
