import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from './app.ts';
import { createScenario } from './control/rules.ts';
import { createStats } from './control/stats.ts';
import type { RateLimits } from './limits/buckets.ts';
import { createRateLimiter, DEFAULT_LIMITS } from './limits/buckets.ts';
import { createThinkingSigner } from './thinking/signature.ts';
import { createPromptCache } from './tokens/cache.ts';

export type MockAnthropicOptions = {
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Mean time until the first token in ms; default 0, answers come at once. */
  latencyMs?: number;
  /** Servers with the same seed give the same answers and accept each other's thinking. Default `1`. */
  seed?: string;
  /** The share of answers that are sent as awkward servers do, 0 to 1; the same by seed and conversation. Default 0. */
  awkwardShare?: number;
  /** Limits per minute of each (key, model); default far above what one process can serve. */
  rateLimits?: Partial<RateLimits>;
};

export type MockAnthropic = {
  /** Origin, to be used as the base URL of a client. */
  url: string;
  port: number;
  /** Ends open calls and stops listening. */
  close: () => Promise<void>;
};

/** Longer than clients keep an idle connection, so that they never send into one that is just being closed. */
const KEEP_ALIVE_MS = 65_000;

const listen = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

const authority = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * Starts the simulated Anthropic API in this process.
 * @throws the listen error of node:net, e.g. with code EADDRINUSE
 */
export const startMockAnthropic = async (options: MockAnthropicOptions = {}): Promise<MockAnthropic> => {
  const {
    port = 0,
    host = '127.0.0.1',
    latencyMs = 0,
    seed = '1',
    awkwardShare = 0,
    rateLimits = {},
  } = options;
  const closing = new AbortController();
  const app = createApp({
    seed,
    latencyMs,
    awkwardShare,
    now: Date.now,
    stats: createStats(),
    scenario: createScenario(),
    cache: createPromptCache(),
    limiter: createRateLimiter({ ...DEFAULT_LIMITS, ...rateLimits }),
    signer: createThinkingSigner(seed),
    closing: closing.signal,
  });
  // The adapter would replace the global Request and Response, which may belong to somebody else in this process.
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  const address = await listen(server, port, host);
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return {
    url: `http://${authority(reachable, address.port)}`,
    port: address.port,
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
