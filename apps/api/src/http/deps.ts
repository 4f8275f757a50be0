import type { Queues } from '@claude-flow/core/queue/queues';
import type { Census } from '@claude-flow/core/relay/census';
import type { Feed } from '@claude-flow/core/relay/feed';
import type { Readiness } from '@claude-flow/core/runtime/health-server';
import type { Logger } from '@claude-flow/core/runtime/logger';
import type { Metrics } from '@claude-flow/core/runtime/metrics';
import type { Ledger } from '@claude-flow/core/store/ledger';
import type { OwnerNames } from '@claude-flow/core/store/owner-names';
import type { MiddlewareHandler } from 'hono';
import type { Authenticator } from '../auth/authenticator.ts';
import type { KeyRing } from '../auth/key-ring.ts';
import type { Standing } from '../auth/standing.ts';
import type { ApiConfig } from '../config/config.ts';
import type { Heartbeat } from '../relay/heartbeat.ts';
import type { Streams } from '../relay/streams.ts';
import type { AccessLog } from './access-log.ts';
import type { AppEnv } from './app-env.ts';
import type { UnreadAnswers } from './server/unread-answers.ts';

/** All that the routes work with. */
export interface ApiDeps {
  config: ApiConfig;
  /** Of package.json. */
  version: string;
  log: Logger;
  metrics: Metrics;
  /** On a connection that fails promptly, so that a request is answered while Redis is away. */
  ledger: Ledger;
  queues: Queues;
  /** On connections that wait for Redis, as is the census: streams read on when it is back. */
  feed: Feed;
  census: Census;
  streams: Streams;
  /** What readers have not taken yet. */
  unread: UnreadAnswers;
  heartbeat: Heartbeat;
  authenticator: Authenticator;
  keyRing: KeyRing;
  /** What owners are called in everything that leaves the system. */
  ownerNames: OwnerNames;
  standing: Standing;
  readiness(): Promise<Readiness>;
  /** Milliseconds since 1970. */
  now(): number;
  accessLog?: AccessLog;
  /** Stands in front of all routes, behind authentication, when the API runs inside another program. */
  front?: MiddlewareHandler<AppEnv>;
}
