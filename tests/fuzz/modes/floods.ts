import fc from 'fast-check';
import { type FrameFlood, frameFlood } from '../generate/frame-flood.ts';
import { TEXT } from '../generate/frames.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import { withNeighbour } from '../target/neighbour.ts';
import type { Target } from '../target/target.ts';
import { openConnection } from '../wire/connection.ts';
import { encodeFrame } from '../wire/frames.ts';

/** Sockets of one owner that flood one API at once. */
const AT_ONCE = 8;
/** After its flood a socket is answered or ended within this, on a busy machine. */
const DEADLINE_MS = 30_000;
const FLOODERS_ADDRESS = '127.0.0.4';
/** Processor time of the API for all floods of one attempt: some 40,000 frames at most. */
const MAX_CPU_SECONDS = 15;
const PONG = '"type":"pong"';
const OPENING =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Sockets that send frames as fast as they can: each is answered or ended, and another client is answered meanwhile. */
export async function fuzzFloods(target: Target, options: RunOptions): Promise<Verdict> {
  const worst = { cpu: 0, neighbourMs: 0 };
  const several = fc.array(frameFlood, { minLength: 1, maxLength: AT_ONCE });
  const attempt = async (floods: FrameFlood[], place: number) => {
    const api = place % target.ports.length;
    const before = await target.cpuSeconds(api);
    const flooding = Promise.all(floods.map((flood) => floodOnce(target, api, flood)));
    const { result, neighbour } = await withNeighbour(target, api, flooding);
    const cpu = (await target.cpuSeconds(api)) - before;
    worst.cpu = Math.max(worst.cpu, cpu);
    worst.neighbourMs = Math.max(worst.neighbourMs, neighbour.slowestMs);
    const faults = [...neighbour.faults, ...result.filter((fault) => fault !== undefined)];
    if (cpu > MAX_CPU_SECONDS) faults.push(`the floods took ${cpu.toFixed(1)} s of the API's processor time`);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  const verdict = await explore('floods', target, several, attempt, options);
  const figures = `at most ${worst.cpu.toFixed(2)} s of processor time, neighbours at most ${worst.neighbourMs} ms`;
  return { ...verdict, figures };
}

async function floodOnce(target: Target, api: number, flood: FrameFlood): Promise<string | undefined> {
  const connection = openConnection(target.ports[api] ?? 0, FLOODERS_ADDRESS);
  const { socket } = connection;
  try {
    socket.write(`${OPENING}X-API-Key: ${target.keys.own}\r\n\r\n`);
    const open = await connection.until(() => heard(connection.received(), '"connected"'), DEADLINE_MS);
    // Refused: too many sockets, or its reads are used up.
    if (!open) return connection.over ? undefined : 'HANG: no WebSocket was opened';
    if (!flood.reads) socket.pause();
    const frames = flood.messages.map((text) => encodeFrame(textFrame(target.fill(text))));
    for (let sent = 0; sent < flood.times && socket.writable; sent += 1) {
      const frame = frames[sent % frames.length];
      if (frame !== undefined) socket.write(frame);
    }
    socket.resume();
    if (socket.writable) socket.write(encodeFrame(textFrame('{"type":"ping"}')));
    const settled = await connection.until(
      () => connection.over || heard(connection.received(), PONG),
      DEADLINE_MS,
    );
    return settled
      ? undefined
      : `HANG: neither an answer nor the end: ${JSON.stringify(flood).slice(0, 300)}`;
  } finally {
    socket.destroy();
  }
}

const heard = (bytes: Buffer, text: string) => bytes.includes(text);

const textFrame = (payload: string) => ({
  bits: 8,
  opcode: TEXT,
  masked: true,
  payload,
  binary: false,
  lie: 0,
  times: 1,
});
