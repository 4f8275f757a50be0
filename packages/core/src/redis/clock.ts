import { REDIS_CLOCK_FRESH_MS, REDIS_CLOCK_KNOWN_MS } from '../runtime/tunables.ts';
import { eachServer, type RedisClient } from './connect.ts';

/**
 * The moment, by Redis's clock, until which a command may take effect. A command whose answer was lost lies in a socket, in the
 * network or in a busy Redis and may run at any later time, after commands that were given later. So each carries the moment at
 * which its caller gives up, and its script refuses it from then on.
 */
export interface Deadlines {
  /** For a command that is sent now: milliseconds since 1970 by Redis's clock, as text. */
  next(): string | Promise<string>;
  /** Milliseconds that a caller waits for a command. */
  readonly limitMs: number;
  /** A command was refused as late although its caller still waits: the clock was changed. It is read anew before the next. */
  distrust(): void;
}

/** What Redis's clock shows beyond ours: somewhere between the two. */
interface Offset {
  least: number;
  most: number;
  readAt: number;
}

/**
 * Keeps Redis's clock in sight without a round trip for each command: TIME is read when the connection is ready, and again beside a
 * command when the last reading is no longer fresh. Deadlines are never later than the caller's own limit, since the reading is
 * taken as if Redis had answered at the last possible moment. On a cluster the master whose clock is behind decides.
 * @param options.limitMs after so long whoever sent a command gives up (the connection's `commandTimeoutMs`)
 * @param options.now milliseconds of a clock that is never set, such as `performance.now`
 */
export function createDeadlines(
  redis: RedisClient,
  options: { limitMs: number; now?: () => number },
): Deadlines {
  const { limitMs, now = () => performance.now() } = options;
  let offset: Offset | undefined;
  let reading: Promise<Offset> | undefined;

  async function read(): Promise<Offset> {
    const all = await eachServer(redis, async (server) => {
      const sentAt = now();
      const [seconds, micros] = await server.time();
      const time = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
      const readAt = now();
      return { least: time - readAt, most: time - sentAt, readAt };
    });
    const [first, ...others] = all;
    if (first === undefined) throw new Error('Connection is closed.');
    const behind = others.reduce((one, other) => (other.least < one.least ? other : one), first);
    const before = offset;
    const agree = before !== undefined && before.least <= behind.most && behind.least <= before.most;
    // A slow reading says little: as long as they agree, the narrower of both ends counts.
    offset = agree
      ? {
          least: Math.max(before.least, behind.least),
          most: Math.min(before.most, behind.most),
          readAt: behind.readAt,
        }
      : behind;
    return offset;
  }

  const readOnce = (): Promise<Offset> => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const until = ({ least }: Offset) => String(Math.floor(now() + least + limitMs));
  const forget = () => {
    offset = undefined;
  };

  // It may be another server, with another clock.
  redis.on('ready', () => {
    forget();
    readOnce().catch(() => undefined);
  });
  redis.on('+node', forget);

  return {
    limitMs,
    next() {
      const age = offset === undefined ? Number.POSITIVE_INFINITY : now() - offset.readAt;
      if (offset === undefined || age > REDIS_CLOCK_KNOWN_MS) return readOnce().then(until);
      if (age > REDIS_CLOCK_FRESH_MS) readOnce().catch(() => undefined);
      return until(offset);
    },
    distrust: forget,
  };
}
