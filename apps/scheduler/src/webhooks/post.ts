import { lookup as lookUp } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf, isPublicAddress } from '@claude-flow/core/runtime/public-address';
import { ANSWER_BYTES, ANSWER_DRAIN_MS } from './tunables.ts';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Also to addresses that are not of the public internet. */
  allowPrivate: boolean;
  /** Until the status line of the answer. */
  timeoutMs: number;
  /** Ends it; then the outcome is `aborted`. */
  signal: AbortSignal;
}

export type PostOutcome =
  | { kind: 'delivered' }
  | { kind: 'aborted' }
  /** `error`: a sentence's end; `final`: another try has no chance; `answered`: there was a status line. */
  | { kind: 'failed'; error: string; final: boolean; answered: boolean };

class PrivateAddress extends Error {}

/** One POST. It follows no redirect, goes to public addresses only, and reads next to nothing of the answer. */
export function post(options: Post): Promise<PostOutcome> {
  const url = new URL(options.url);
  const host = hostOf(url);
  // A literal address is connected to without a look-up.
  if (!options.allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) {
    return Promise.resolve(failureOf(new PrivateAddress(), options));
  }
  const timeUp = AbortSignal.timeout(options.timeoutMs);
  const { promise, resolve } = Promise.withResolvers<PostOutcome>();
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    headers: { ...options.headers, 'content-length': String(Buffer.byteLength(options.body)) },
    // A connection of its own: whom it leads to was looked at for this very delivery.
    agent: false,
    lookup: options.allowPrivate ? lookUp : publicLookup,
  });
  const end = () => request.destroy(new Error('ended'));
  const stop = AbortSignal.any([options.signal, timeUp]);
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  request.on('response', (response) => {
    stop.removeEventListener('abort', end);
    resolve(outcomeOf(response));
    letGo(response);
  });
  request.on('error', (error) => {
    stop.removeEventListener('abort', end);
    if (options.signal.aborted) resolve({ kind: 'aborted' });
    else resolve(failureOf(timeUp.aborted ? new Error(slow(options.timeoutMs)) : error, options));
  });
  request.end(options.body);
  return promise;
}

const slow = (ms: number) => `no answer within ${ms / 1000} s`;

function outcomeOf({ statusCode = 0 }: IncomingMessage): PostOutcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  const redirect = statusCode >= 300 && statusCode < 400 ? '; redirects are not followed' : '';
  return {
    kind: 'failed',
    error: `it answered with the status ${statusCode}${redirect}`,
    // Gone: the receiver wants no more.
    final: statusCode === 410,
    answered: true,
  };
}

function failureOf(error: Error, { url }: Post): PostOutcome {
  if (error instanceof PrivateAddress) {
    return {
      kind: 'failed',
      error: `${new URL(url).host} is not an address of the public internet (WEBHOOK_ALLOW_PRIVATE=true allows it)`,
      final: true,
      answered: false,
    };
  }
  return { kind: 'failed', error: error.message, final: false, answered: false };
}

/** The answer's body concerns nobody; a receiver may finish it, within bounds. */
function letGo(response: IncomingMessage): void {
  let left = ANSWER_BYTES;
  const timer = setTimeout(() => response.destroy(), ANSWER_DRAIN_MS);
  timer.unref();
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) response.destroy();
  });
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
}

/** Gives the connection public addresses only: it is made to exactly those, whatever the name means a moment later. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const [first, ...rest] = addresses.filter(({ address }) => isPublicAddress(address));
    if (first === undefined) return callback(new PrivateAddress(), []);
    if (options.all === true) callback(null, [first, ...rest]);
    else callback(null, first.address, first.family);
  });
};
