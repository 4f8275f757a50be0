import { Cluster } from 'ioredis';
import { ClaudeFlowError, errorMessage } from '../domain/errors.ts';
import { scrub } from '../runtime/error-record.ts';
import type { Readiness } from '../runtime/health-server.ts';
import { REDIS_BOOT_DEADLINE_MS } from '../runtime/tunables.ts';
import { eachServer, isRedisAway, type RedisClient } from './connect.ts';
import type { Keys } from './keys.ts';
import { lackingRights, lackingSentence } from './rights.ts';
import type { Scripts } from './scripts.ts';

/** A probe that gets no answer in this time takes Redis for away; shorter than a probe's own usual limit of a second. */
const PROBE_DEADLINE_MS = 800;
/** The first rest before a try to connect, and the try; the longest part of the answer's own time that may go by. */
const RECONNECTED_WITHIN_MS = 300;
/** The rights of a user change seldom, and asking for them takes some eighty commands. */
const RIGHTS_EVERY_MS = 10_000;
/** The first version that has function libraries as we use them. */
const LEAST_MAJOR = 7;
const ALL_SLOTS = 16_384;
/** No swarm has this id: a script that is asked about it finds nothing and changes nothing. */
const NO_SWARM = 'swarm_probe_000000000';
const HARMLESS_SCRIPT = 'heartbeat-task';

export interface ProbeDeps {
  redis: RedisClient;
  keys: Keys;
  scripts: Scripts;
}

/** Why a process cannot work on this Redis. `passes`: it may be over without anybody's help, as when Redis is away or full. */
interface Fault {
  sentence: string;
  passes: boolean;
  /** It is about the server as a whole. */
  ofServer?: boolean;
}

export interface RedisProbe {
  /** For probes; answers within a second. */
  readiness(): Promise<Readiness>;
  /**
   * At boot: everything that is needed is tried once.
   * @param warn is told what keeps this process from being ready for the moment
   * @throws ClaudeFlowError `redis_unavailable` with a sentence when it would never work
   */
  prove(warn: (sentence: string) => void): Promise<void>;
}

/** Finds out whether this Redis can do our work, by doing some of it: the same at boot and for as long as the process lives. */
export function createRedisProbe(deps: ProbeDeps): RedisProbe {
  const { redis } = deps;
  let rights: { at: number; fault: Fault | undefined } | undefined;
  let asking: Promise<void> | undefined;
  const askRights = async () => {
    rights = { at: performance.now(), fault: await rightsFault(deps) };
  };
  const askRightsNowAndThen = () => {
    if (rights !== undefined && performance.now() - rights.at < RIGHTS_EVERY_MS && !rights.fault) return;
    asking ??= askRights()
      // Without a connection the other questions say so.
      .catch(() => undefined)
      .finally(() => {
        asking = undefined;
      });
  };
  /** A server of the wrong kind explains all that is refused; lacking rights explain the rest. */
  const bootFault = async () => {
    const fault = await firstFault(deps);
    if (fault?.ofServer && !fault.passes) return fault;
    await askRights().catch(() => undefined);
    return rights?.fault ?? fault;
  };
  return {
    async readiness() {
      if (!(await isConnected(redis))) return { ready: false, reason: 'Redis cannot be reached.' };
      askRightsNowAndThen();
      const explained = firstFault(deps).then(async (fault) => {
        if (fault?.ofServer !== true && (fault !== undefined || rights === undefined)) await asking;
        return fault;
      });
      const fault = await inTime(explained, PROBE_DEADLINE_MS);
      if (fault === LATE) return { ready: false, reason: 'Redis does not answer.' };
      const found = fault?.ofServer ? fault : (rights?.fault ?? fault);
      return found === undefined ? { ready: true } : { ready: false, reason: found.sentence };
    },
    async prove(warn) {
      const found = await inTime(bootFault(), REDIS_BOOT_DEADLINE_MS);
      if (found === LATE) throw unusable('Redis does not answer in time.');
      if (found === undefined) return;
      if (!found.passes) throw unusable(found.sentence);
      warn(found.sentence);
    },
  };
}

/** A connection that stood idle may have been closed, and is replaced at once. */
async function isConnected(redis: RedisClient): Promise<boolean> {
  if (redis.status === 'ready') return true;
  const { promise, resolve } = Promise.withResolvers<void>();
  redis.once('ready', resolve);
  try {
    return (await inTime(promise, RECONNECTED_WITHIN_MS)) !== LATE;
  } finally {
    redis.off('ready', resolve);
  }
}

const unusable = (sentence: string) => new ClaudeFlowError('redis_unavailable', sentence);

/** For a boot that refuses such a Redis. @returns undefined when it keeps its keys, or does not say */
export async function redisEviction(redis: RedisClient): Promise<string | undefined> {
  const answers = await inTime(
    eachServer(redis, (server) => server.info('memory')).catch(() => []),
    PROBE_DEADLINE_MS,
  );
  return answers === LATE ? undefined : evictionReason(answers);
}

async function firstFault(deps: ProbeDeps): Promise<Fault | undefined> {
  const { redis } = deps;
  // Before anything is written: a replica would only have the write sent again and again.
  const ofServer = await serversFault(redis);
  if (ofServer !== undefined) return ofServer;
  const database = redis instanceof Cluster ? undefined : databaseFault(redis.select(redis.options.db ?? 0));
  const faults = await Promise.all([database, callFault(deps), writeFault(deps)]);
  return faults.find((fault) => fault !== undefined);
}

async function serversFault(redis: RedisClient): Promise<Fault | undefined> {
  let infos: string[];
  try {
    infos = await eachServer(redis, (server) => server.info());
  } catch (error) {
    return refusal(error, 'INFO');
  }
  const found =
    infos.map((info) => serverFault(redis, info)).find((fault) => fault !== undefined) ??
    (infos.some((info) => IN_CLUSTER.test(info)) ? await slotsFault(redis) : undefined);
  return found === undefined ? undefined : { ...found, ofServer: true };
}

const IN_CLUSTER = /^cluster_enabled:1/m;

function serverFault(redis: RedisClient, info: string): Fault | undefined {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = field('valkey_version') ?? field('redis_version');
  if (version !== undefined && Number(version.split('.')[0]) < LEAST_MAJOR) {
    return lasting(`Redis ${version} is too old. Use Redis 7.0 or newer, or Valkey.`);
  }
  if (redis instanceof Cluster && !IN_CLUSTER.test(info)) {
    return lasting(
      'REDIS_URL names a Redis Cluster, and this Redis is none. Write redis:// instead of redis+cluster://.',
    );
  }
  if (field('role') === 'slave') {
    return lasting(
      'REDIS_URL leads to a replica, which takes no writes. Set it to the address of the primary.',
    );
  }
  const evicting = evictionReason([info]);
  return evicting === undefined ? undefined : passing(evicting);
}

async function databaseFault(answer: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    if (!/DB index|database/i.test(errorMessage(error))) return refusal(error, 'SELECT');
    return lasting(
      `Redis does not have the database that REDIS_URL names (${errorMessage(error)}). End it with a smaller number, or none.`,
    );
  }
}

/** A cluster may serve a part of its keys only, and says so nowhere else until one of the others is asked for. */
async function slotsFault(redis: RedisClient): Promise<Fault | undefined> {
  const [server] = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const info = await server?.call('CLUSTER', 'INFO').catch(() => '');
  const served = /^cluster_slots_ok:(\d+)/m.exec(String(info))?.[1];
  if (served === undefined || Number(served) === ALL_SLOTS) return undefined;
  return passing(
    `The Redis Cluster serves ${served} of its ${ALL_SLOTS} slots. Give the others to a node that works.`,
  );
}

/** Calls a function of ours, which also loads them where Redis does not have them. */
async function callFault({ redis, scripts }: ProbeDeps): Promise<Fault | undefined> {
  const args = Object.fromEntries(scripts.get(HARMLESS_SCRIPT).argv.map((name) => [name, '0']));
  try {
    await scripts.run(redis, HARMLESS_SCRIPT, { swarmId: NO_SWARM, taskId: 'task_000' }, args);
    return undefined;
  } catch (error) {
    return refusal(error, 'a call of a function');
  }
}

async function writeFault({ redis, keys }: ProbeDeps): Promise<Fault | undefined> {
  const key = `${keys.queuePrefix}:probe:${process.pid}`;
  const value = String(performance.now());
  try {
    const replies = await redis.multi().set(key, value, 'PX', PROBE_DEADLINE_MS).get(key).del(key).exec();
    const failed = replies?.find(([error]) => error !== null)?.[0];
    if (failed !== undefined && failed !== null) throw failed;
    if (replies?.[1]?.[1] === value) return undefined;
    return lasting('Redis does not give back what was written. Is something else answering at REDIS_URL?');
  } catch (error) {
    return refusal(error, 'a write');
  }
}

/** Something was refused: for good, unless Redis is away, full, busy or in the middle of a change. */
function refusal(error: unknown, what: string): Fault {
  if (error instanceof ClaudeFlowError) return { sentence: error.message, passes: false };
  const cause: unknown =
    error instanceof Error ? (Reflect.get(error, 'previousErrors')?.[0] ?? error) : error;
  const said = scrub(errorMessage(cause));
  const passes = isRedisAway(error) || isRedisAway(cause);
  if (/^READONLY/.test(said)) return passing(`Redis takes no writes at the moment (${said}).`);
  if (/unknown command/i.test(said)) {
    return lasting(`Redis refuses ${what} (${said}). Use Redis 7.0 or newer, or Valkey, with all commands.`);
  }
  if (/\bNOPERM\b|ACL failure|user executing the script can't/i.test(said)) {
    return lasting(
      `The Redis user lacks a right: ${what} is refused (${said}). What it needs is in docs/operations.md.`,
    );
  }
  return { sentence: `Redis refuses ${what} (${said}).`, passes };
}

async function rightsFault({ redis, keys }: ProbeDeps): Promise<Fault | undefined> {
  const lacking = await eachServer(redis, (server) => lackingRights(server, keys));
  const sentence = lacking.map((each) => lackingSentence(each, keys)).find((each) => each !== undefined);
  return sentence === undefined ? undefined : lasting(sentence);
}

const lasting = (sentence: string): Fault => ({ sentence, passes: false });
const passing = (sentence: string): Fault => ({ sentence, passes: true });

function evictionReason(infos: string[]): string | undefined {
  const policy = infos.map(evictionPolicy).find((found) => found !== undefined);
  return policy === undefined
    ? undefined
    : `Redis may throw keys away when it is full (maxmemory-policy ${policy}). Set maxmemory-policy to noeviction.`;
}

/** @returns the policy by which this Redis may evict keys; undefined when it never does */
function evictionPolicy(memory: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  const unlimited = /^maxmemory:0\r?$/m.test(memory);
  return policy === 'noeviction' || unlimited ? undefined : policy;
}

const LATE = Symbol('late');

async function inTime<Answer>(answer: Promise<Answer>, ms: number): Promise<Answer | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE);
  });
  // Without anybody waiting any more it may still fail.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
