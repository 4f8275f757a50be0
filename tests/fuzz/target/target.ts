import { type Stack, startStack } from '@claude-flow/local-stack/stack';
import { waitFor } from '@claude-flow/testing/wait-for';
import { ClaudeFlowClient } from 'claude-flow/client';
import { JWT_SECRET } from '../generate/tokens.ts';
import { OTHERS_MARK } from '../judge/judge-answer.ts';
import { watchLog } from './log-faults.ts';
import { createPlaces } from './places.ts';

/** Over the API, so that nothing limits the run. */
const UNLIMITED = '1000000';
const ADMIN_KEY = 'fuzz-admin-5f1d8c07aa94b3e2';
/** The shortest waits the processes take: what is half open has to end within the run. */
export const IMPATIENCE = {
  HEADERS_TIMEOUT: '1000',
  REQUEST_TIMEOUT: '1500',
  KEEP_ALIVE_TIMEOUT: '1000',
  WS_HEARTBEAT: '1500',
  READ_GRACE: '2000',
};

/** A running system to send things to: two APIs, a scheduler, a worker, the offline model and a Redis of their own. */
export interface Target {
  /** Of the APIs. */
  ports: number[];
  keys: { own: string; admin: string; other: string };
  /** Puts what only this system knows (ids, a file's name, a cursor) where a text has places for it. */
  fill(text: string): string;
  /** Makes anew what requests have deleted or ended. */
  renew(): Promise<void>;
  /** Memory of each API, in bytes. */
  memory(): Promise<number[]>;
  /** Seconds of processor time that one API has used, by its place in `ports`. */
  cpuSeconds(api: number): Promise<number>;
  /** Waits until both APIs have let go of all WebSockets and event streams. @returns how many they hold on to */
  streamsLeft(): Promise<number>;
  /** What the processes did not like, since last asked: mistakes of their own in the log, an end. */
  complaints(): string[];
  stop(): Promise<void>;
}

/** @param env more variables for the APIs */
export async function startTarget(env: Record<string, string> = {}): Promise<Target> {
  const log = watchLog();
  const stack = await startStack({
    apis: 2,
    workers: 1,
    model: { kind: 'mock', latencyMs: 0 },
    env: { MAX_CONCURRENT_TASKS: '2' },
    envFor: {
      api: {
        AUTH_ENABLED: 'true',
        ADMIN_API_KEYS: ADMIN_KEY,
        JWT_SECRET,
        RATE_LIMIT_MAX: UNLIMITED,
        RATE_LIMIT_READS: UNLIMITED,
        RATE_LIMIT_FAILED_AUTH: UNLIMITED,
        CORS_ORIGINS: 'http://localhost:5173',
        ...env,
      },
    },
    onLine: log.read,
  });
  try {
    return await furnish(stack, log);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function furnish(stack: Stack, log: ReturnType<typeof watchLog>): Promise<Target> {
  const [url = ''] = stack.apiUrls;
  const admin = new ClaudeFlowClient(url, ADMIN_KEY);
  const keyOf = (owner: string, name: string) =>
    admin.createKey(name, { owner, permissions: ['swarms:read', 'swarms:write', 'keys:manage'] });
  const own = await keyOf('fuzz-own', 'the one that is used');
  const other = await keyOf('fuzz-other', OTHERS_MARK);
  // Known to the fuzzer by its id: an administrator may revoke it.
  const revocable = await keyOf('fuzz-other', OTHERS_MARK);
  const places = await createPlaces(
    new ClaudeFlowClient(url, own.key),
    new ClaudeFlowClient(url, other.key),
    revocable.keyId,
  );
  return {
    ports: stack.apis.map((api) => Number(api.ports.http)),
    keys: { own: own.key, admin: ADMIN_KEY, other: other.key },
    fill: (text) => places.fill(text.replaceAll('@own-key@', own.key)),
    renew: places.renew,
    memory: () => Promise.all(stack.apiUrls.map(memoryOf)),
    cpuSeconds: (api) => cpuSecondsOf(stack.apiUrls[api] ?? ''),
    streamsLeft: () => streamsLeft(stack.apiUrls),
    complaints: () => [
      ...log.take(),
      ...stack.apis.filter((api) => !api.running).map((api) => `${api.name} has ended`),
    ],
    stop: () => stack.stop(),
  };
}

/** Whoever has gone is forgotten within this, silent sockets included (two of `WS_HEARTBEAT`). */
const FORGOTTEN_WITHIN_MS = 15_000;

async function streamsLeft(urls: string[]): Promise<number> {
  const of = async (url: string) =>
    (await new ClaudeFlowClient(url, ADMIN_KEY).systemStats()).server.connectedClients;
  const left = async () => (await Promise.all(urls.map(of))).reduce((sum, count) => sum + count, 0);
  const none = waitFor(async () => (await left()) === 0, {
    deadlineMs: FORGOTTEN_WITHIN_MS,
    what: 'all streams to be forgotten',
  });
  return none.then(
    () => 0,
    () => left(),
  );
}

async function cpuSecondsOf(url: string): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { headers: { 'x-api-key': ADMIN_KEY } });
  const [, seconds] = /^process_cpu_seconds_total\{[^}]*\} ([\d.e+-]+)$/m.exec(await answer.text()) ?? [];
  if (seconds === undefined) throw new Error('GET /metrics does not tell the processor time');
  return Number(seconds);
}

async function memoryOf(url: string): Promise<number> {
  const { system } = await new ClaudeFlowClient(url, ADMIN_KEY).systemStats();
  return system.memory.rss;
}
