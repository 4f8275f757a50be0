import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { type SlowReader, slowReader } from '../generate/slow-reader.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import { withNeighbour } from '../target/neighbour.ts';
import type { Target } from '../target/target.ts';

/** Each kind of reader side by side. */
const AT_ONCE = 6;
/** A reader that takes little is disconnected, one that takes all is served, on a busy machine within this. */
const END_DEADLINE_MS = 60_000;
/** A sip, and the break after it. */
const SIP = { bytes: 64, everyMs: 100 };
const SLOW_ADDRESS = '127.0.0.3';

/** Clients that do not take what they asked for: each connection ends, and another client is answered meanwhile. */
export async function fuzzReaders(target: Target, options: RunOptions): Promise<Verdict> {
  const worst = { neighbourMs: 0, connections: 0 };
  const several = fc.array(slowReader, { minLength: 1, maxLength: AT_ONCE });
  const attempt = async (readers: SlowReader[], place: number) => {
    const api = place % target.ports.length;
    const connections = readers.flatMap((reader) => Array.from({ length: reader.times }, () => reader));
    const reading = Promise.all(connections.map((reader) => readSlowly(target, api, reader)));
    const { result, neighbour } = await withNeighbour(target, api, reading);
    worst.neighbourMs = Math.max(worst.neighbourMs, neighbour.slowestMs);
    worst.connections = Math.max(worst.connections, connections.length);
    const faults = [...neighbour.faults, ...result.filter((fault) => fault !== undefined)];
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  const verdict = await explore('readers', target, several, attempt, options);
  const figures = `up to ${worst.connections} slow connections at once, neighbours at most ${worst.neighbourMs} ms`;
  return { ...verdict, figures };
}

async function readSlowly(target: Target, api: number, reader: SlowReader): Promise<string | undefined> {
  const port = target.ports[api] ?? 0;
  const socket = connect({ port, host: '127.0.0.1', localAddress: SLOW_ADDRESS });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // The server may disconnect it at any moment: that is an outcome.
  socket.on('error', () => undefined);
  try {
    const requests = reader.targets.map(
      (path) =>
        `GET ${target.fill(path)} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${target.keys.own}\r\n\r\n`,
    );
    socket.write(requests.join(''));
    // What such a client does, not how long the test hopes.
    await delay(reader.idleMs);
    if (reader.ending === 'goes') return undefined;
    if (reader.ending === 'reads') socket.resume();
    else await sip(socket);
    const over = await Promise.race([ended.then(() => true), delay(END_DEADLINE_MS, false, { ref: false })]);
    if (over) return undefined;
    return `HANG: a reader is still connected after ${END_DEADLINE_MS / 1000} s: ${JSON.stringify(reader).slice(0, 300)}`;
  } finally {
    socket.destroy();
  }
}

/** Takes a little at a time, until the other side ends it or there is nothing more. */
async function sip(socket: Socket): Promise<void> {
  const until = performance.now() + END_DEADLINE_MS / 4;
  while (!socket.destroyed && performance.now() < until) {
    socket.read(SIP.bytes);
    await delay(SIP.everyMs);
  }
  socket.resume();
}
