import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { errorMessage } from '../domain/errors.ts';
import type { Keys } from './keys.ts';

type ProbeKeys = Pick<Keys, 'prefix' | 'queuePrefix' | 'eventsChannels'>;

/**
 * What our processes ask of Redis, scripts and queue included: the command, and a call of it that changes nothing. Redis looks
 * at the number of arguments, then at the user's rights, then at the rest; so a call that is refused for its arguments, or
 * for the type of `TEXT`, was permitted. `NONE` is a key that does not exist, `TEXT` holds a text for a minute.
 */
const NONE = 'NONE';
const TEXT = 'TEXT';
const CHANNEL = 'CHANNEL';
/** A pattern; Redis permits only the patterns that the rule names literally. */
const CHANNELS = 'CHANNELS';
const CALLS: readonly string[] = [
  // Connections, scripts.
  'ping',
  'info server',
  'time',
  'select DB',
  'client|setname NAME',
  'fcall none 0',
  `function|load ${NONE}`,
  `function|list libraryname ${NONE}`,
  `function|delete ${NONE}`,
  `eval ${NONE} x`,
  `evalsha ${NONE} x`,
  'multi',
  'exec',
  `publish ${CHANNEL} probe`,
  `subscribe ${CHANNEL}`,
  `unsubscribe ${CHANNEL}`,
  `psubscribe ${CHANNELS}`,
  `punsubscribe ${CHANNELS}`,
  // Keys.
  `get ${NONE}`,
  `getdel ${NONE}`,
  `set ${TEXT} x no-option`,
  `incr ${TEXT}`,
  `incrby ${TEXT} x`,
  `del ${NONE}`,
  `unlink ${NONE}`,
  `exists ${NONE}`,
  `type ${NONE}`,
  `ttl ${NONE}`,
  `pttl ${NONE}`,
  `expire ${NONE} 1`,
  `pexpire ${NONE} 1`,
  `pexpireat ${NONE} 1`,
  `persist ${NONE}`,
  'scan 0 count 1',
  // Hashes.
  `hset ${TEXT} f v`,
  `hmset ${TEXT} f v`,
  `hsetnx ${TEXT} f v`,
  `hget ${NONE} f`,
  `hmget ${NONE} f`,
  `hrandfield ${NONE} 1`,
  `hgetall ${NONE}`,
  `hkeys ${NONE}`,
  `hvals ${NONE}`,
  `hlen ${NONE}`,
  `hexists ${NONE} f`,
  `hstrlen ${NONE} f`,
  `hdel ${NONE} f`,
  `hincrby ${TEXT} f 1`,
  // Lists.
  `lpush ${TEXT} x`,
  `rpush ${TEXT} x`,
  `rpop ${NONE}`,
  `rpoplpush ${NONE} ${NONE}`,
  `llen ${NONE}`,
  `lrange ${NONE} 0 0`,
  `lindex ${NONE} 0`,
  `lpos ${NONE} x`,
  `lrem ${NONE} 0 x`,
  `ltrim ${NONE} 0 0`,
  // Sets.
  `sadd ${TEXT} x`,
  `srem ${NONE} x`,
  `scard ${NONE}`,
  `sismember ${NONE} x`,
  `smembers ${NONE}`,
  // Sorted sets.
  `zadd ${TEXT} 1 x`,
  `zrem ${NONE} x`,
  `zcard ${NONE}`,
  `zcount ${NONE} 0 0`,
  `zscore ${NONE} x`,
  `zmscore ${NONE} x`,
  `zrange ${NONE} 0 0`,
  `zrevrange ${NONE} 0 0`,
  `zrangebyscore ${NONE} 0 0`,
  `zrevrangebyscore ${NONE} 0 0`,
  `zrangebylex ${NONE} - -`,
  `zrevrank ${NONE} x`,
  `zrandmember ${NONE}`,
  `zremrangebyscore ${NONE} 0 0`,
  `zremrangebyrank ${NONE} 0 0`,
  `zpopmin ${NONE}`,
  `bzpopmin ${TEXT} 0`,
  `zscan ${NONE} 0`,
  // Streams.
  `xadd ${TEXT} * f v`,
  `xdel ${NONE} 0-1`,
  `xlen ${NONE}`,
  `xrange ${NONE} - + count 1`,
  `xrevrange ${NONE} + - count 1`,
  `xtrim ${NONE} maxlen 0`,
];

/** Without these something is known less well, and a warning says so: who is connected, and how durable Redis is. */
const WISHED = ['client|list', 'config|get'];

export const NEEDED_COMMANDS: readonly string[] = CALLS.map((call) => call.split(' ')[0] ?? '');

/** The rights of a Redis user under whom everything works, as `ACL SETUSER <user> ...` takes them. */
export function accessRule({ prefix, eventsChannels }: Pick<Keys, 'prefix' | 'eventsChannels'>): string {
  const commands = [...NEEDED_COMMANDS, ...WISHED].map((command) => `+${command}`);
  return [...placesOf({ prefix, eventsChannels }), ...commands].join(' ');
}

const placesOf = ({ prefix, eventsChannels }: Pick<Keys, 'prefix' | 'eventsChannels'>) => [
  `~${prefix}:*`,
  `~{${prefix}-queue}:*`,
  `&${prefix}:*`,
  `&${eventsChannels}`,
];

export interface Lacking {
  /** As they are granted: `fcall`, `function|load`. */
  commands: string[];
  /** Commands that this server does not have at all. */
  unknown: string[];
  /** Redis's own sentence about a key or channel that the user may not touch. */
  place: string | undefined;
}

/**
 * Tries every command on a connection of its own, since some change a connection's state.
 * @throws when there is no connection
 */
export async function lackingRights(server: Redis, keys: ProbeKeys): Promise<Lacking> {
  const redis = server.duplicate({
    lazyConnect: true,
    enableOfflineQueue: true,
    retryStrategy: () => null,
    connectionName: 'claude-flow-probe',
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await tryAll(redis, keys);
  } finally {
    redis.disconnect();
  }
}

const TEXT_MS = 60_000;
const NOTHING: Lacking = { commands: [], unknown: [], place: undefined };

async function tryAll(redis: Redis, keys: ProbeKeys): Promise<Lacking> {
  const own = `${keys.queuePrefix}:probe:${randomBytes(6).toString('hex')}`;
  const text = `${own}:text`;
  // The calls that need it would write, or wait for ever, were it not there.
  const [made = ''] = await messages([redis.call('set', text, 'x', 'px', String(TEXT_MS))]);
  if (made !== '') return NO_RIGHT.test(made) ? lackingOf(['set'], [made]) : NOTHING;
  const words: Record<string, string> = {
    [NONE]: `${own}:none`,
    [TEXT]: text,
    [CHANNEL]: `${keys.prefix}:probe`,
    [CHANNELS]: keys.eventsChannels,
    DB: String(redis.options.db ?? 0),
    NAME: 'claude-flow-probe',
  };
  const ask = (call: string) => {
    const [name = '', ...given] = call.split(' ');
    const [command = '', ...more] = [...name.split('|'), ...given.map((word) => words[word] ?? word)];
    return redis.call(command, more);
  };
  const ordinary = `${keys.prefix}:probe:none`;
  // Sent together: a transaction that is begun must be over before anything else is asked.
  const answers = await messages([
    ...CALLS.map(ask),
    redis.call('get', ordinary),
    redis.call('del', ordinary),
  ]);
  await redis.call('unlink', text).catch(() => undefined);
  return lackingOf([...NEEDED_COMMANDS, 'get', 'del'], answers);
}

const NO_RIGHT = /\bNOPERM\b/;
/** Of a key or a channel, and not of the command. */
const NO_PLACE = /\bNOPERM\b.* access/;

/** What Redis said against each; empty where it did what was asked. */
async function messages(asked: Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(asked);
  return results.map((result) => (result.status === 'rejected' ? errorMessage(result.reason) : ''));
}

function lackingOf(names: readonly string[], answers: readonly string[]): Lacking {
  const where = (test: (message: string) => boolean) => [
    ...new Set(names.filter((_name, index) => test(answers[index] ?? ''))),
  ];
  return {
    commands: where((message) => NO_RIGHT.test(message) && !NO_PLACE.test(message)),
    unknown: where((message) => /unknown (sub)?command/i.test(message)),
    place: answers.find((message) => NO_PLACE.test(message)),
  };
}

/** A sentence that says what to grant. @returns undefined when nothing is lacking */
export function lackingSentence(
  { commands, unknown, place }: Lacking,
  keys: Pick<Keys, 'prefix' | 'eventsChannels'>,
): string | undefined {
  if (unknown.length > 0) {
    return `Redis does not have ${listed(unknown)}: it is too old, or they were renamed or blocked. Use Redis 7.0 or newer, or Valkey.`;
  }
  if (commands.length > 0) {
    const grants = commands.map((command) => `+${command}`).join(' ');
    return `The Redis user may not use ${listed(commands)}. Grant it (ACL SETUSER ...): ${grants}. All that is needed is in docs/operations.md.`;
  }
  if (place === undefined) return undefined;
  return `The Redis user may not touch all keys and channels that are needed (${place}). Grant it (ACL SETUSER ...): ${placesOf(keys).join(' ')}`;
}

const listed = (names: readonly string[]) =>
  `the command${names.length === 1 ? '' : 's'} ${names.map((name) => name.replace('|', ' ').toUpperCase()).join(', ')}`;
