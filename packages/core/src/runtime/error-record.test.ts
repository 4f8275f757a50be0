import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { ClaudeFlowError } from '../domain/errors.ts';
import { errorRecord, errorText, scrub } from './error-record.ts';
import { createLogger } from './logger.ts';

const SECRET = 'WHSEC-planted-0815';

/** As ioredis makes them: the command hangs on the error. */
const redisError = (message = 'READONLY You can not write') =>
  Object.assign(new Error(message), {
    name: 'ReplyError',
    command: { name: 'fcall', args: ['create', SECRET] },
  });

function jsonError(): unknown {
  try {
    return JSON.parse(`{"a": ${SECRET}}`);
  } catch (error) {
    return error;
  }
}

const ERRORS: [string, () => unknown][] = [
  ['a Redis error', () => redisError()],
  [
    'as a cause',
    () => new ClaudeFlowError('internal', 'It broke.', { cause: new Error('x', { cause: redisError() }) }),
  ],
  [
    'among several',
    () => new AggregateError([redisError(), new Error('x', { cause: redisError() })], 'all failed'),
  ],
  [
    'of a cluster',
    () => Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: redisError() }),
  ],
  ['in a transaction', () => Object.assign(new Error('EXECABORT'), { previousErrors: [redisError()] })],
  [
    'Redis repeats the arguments',
    () => redisError(`ERR unknown command 'FCALL', with args beginning with: '${SECRET}' 'x'`),
  ],
  ['JSON that is none', jsonError],
  ['an address', () => Object.assign(new TypeError('Invalid URL'), { input: `redis://:${SECRET}@h` })],
  ['an address in the words', () => new Error(`connect to rediss://me:${SECRET}@host:1 failed`)],
  ['a password behind the address', () => new Error(`connect to redis://host:1?password=${SECRET} failed`)],
  ['an object that was thrown', () => ({ secret: SECRET })],
  [
    'more on the error',
    () => Object.assign(new Error('x'), { request: { headers: { authorization: SECRET } }, body: SECRET }),
  ],
];

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  write(createLogger({ service: 'test', level: 'trace', destination }));
  return text;
}

test.each(ERRORS)('%s: no way of logging or printing it shows the secret', (_what, make) => {
  // It is there: a test that plants nothing would pass.
  expect(inspect(make(), { depth: 10 })).toContain(SECRET.slice(0, 5));
  const ways = [
    logged((log) => log.error({ err: make() }, 'It failed')),
    logged((log) => log.warn({ error: make(), swarmId: 'x' }, 'It failed')),
    logged((log) => log.child({ swarmId: 'x' }).error({ err: make() })),
    logged((log) => log.error({ errors: [make()], nested: { cause: make() } }, 'Several')),
    logged((log) => log.error(make() as Error)),
    errorText(make()),
    JSON.stringify(errorRecord(make())),
  ];
  for (const text of ways) {
    expect(text).not.toBe('');
    expect(text).not.toContain(SECRET.slice(0, 5));
  }
});

test('what is needed to find a fault is kept: type, code, message, stack, the command’s name, causes', () => {
  const error = Object.assign(redisError('WRONGTYPE Operation'), {
    code: 'E1',
    cause: new RangeError('deeper'),
  });
  const record = errorRecord(error);
  expect(record).toMatchObject({
    type: 'ReplyError',
    code: 'E1',
    message: 'WRONGTYPE Operation',
    command: 'fcall',
  });
  expect(record.stack).toContain('error-record.test.ts');
  expect(record.cause).toMatchObject({ type: 'RangeError', message: 'deeper' });
});

test('a real error of a real client: the command’s arguments stay out of the log', async () => {
  const redis = new Redis(1, '127.0.0.1', {
    retryStrategy: () => null,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  const error = await redis.set('key', SECRET).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(logged((log) => log.error({ err: error }, 'x'))).not.toContain(SECRET);
});

test('an error that is its own cause ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(JSON.stringify(errorRecord(error)).length).toBeLessThan(100_000);
});

test('whatever stands between // and @ of an address goes', () => {
  const login = fc.stringMatching(/^[A-Za-z0-9:@/?#%+=]{6,20}$/);
  fc.assert(
    fc.property(login, (secret) => {
      expect(scrub(`no answer from redis://u:${secret}@host:6379/0 today`)).toBe(
        'no answer from redis://host:6379/0 today',
      );
    }),
  );
});
