import fc from 'fast-check';
import { type Conversation, conversation, TEXT } from '../generate/frames.ts';
import { OTHERS_MARK } from '../judge/judge-answer.ts';
import { explore, type RunOptions, type Verdict } from '../run.ts';
import type { Target } from '../target/target.ts';
import { type Connection, openConnection } from '../wire/connection.ts';
import { encodeFrame, readFrames } from '../wire/frames.ts';
import { readAnswers } from '../wire/read-answers.ts';

/** An answer, or the end, on a busy machine. */
const DEADLINE_MS = 20_000;
/** Conversations side by side: many wait for the heartbeat to end them. */
const AT_ONCE = 12;
const CLOSE = 8;
const PING = 9;
const PONG = encodeFrame({ bits: 8, opcode: 10, masked: true, payload: '', binary: true, lie: 0, times: 1 });
/** What the API says on a socket. */
const TYPES = [
  'connected',
  'swarm_event',
  'subscribed',
  'unsubscribed',
  'agent_delta',
  'pong',
  'resync_required',
  'error',
];
const OPENING =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Frames of every kind on an open WebSocket: it answers, or it closes; polite nonsense never costs the connection. */
export function fuzzFrames(target: Target, options: RunOptions): Promise<Verdict> {
  const several = fc.array(conversation, { minLength: 1, maxLength: AT_ONCE });
  const attempt = async (talks: Conversation[], place: number) => {
    const found = await Promise.all(talks.map((talk, index) => tryOne(target, talk, place + index)));
    const faults = found.flat();
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  return explore('frames', target, several, attempt, options);
}

async function tryOne(target: Target, talk: Conversation, place: number): Promise<string[]> {
  const connection = openConnection(target.ports[place % target.ports.length] ?? 0);
  try {
    return await converse(target, connection, talk);
  } finally {
    connection.socket.destroy();
  }
}

async function converse(target: Target, connection: Connection, talk: Conversation): Promise<string[]> {
  const { socket } = connection;
  socket.write(`${OPENING}X-API-Key: ${target.keys.own}\r\n\r\n`);
  const heard = listen(connection);
  const open = await connection.until(() => heard().texts.length > 0 || connection.over, DEADLINE_MS);
  if (!open) return ['HANG: no WebSocket was opened'];
  if (heard().texts.length === 0) return [`no WebSocket: ${connection.received().toString().slice(0, 300)}`];

  for (const frame of talk.frames) {
    const filled = frame.binary ? frame : { ...frame, payload: target.fill(frame.payload) };
    const bytes = encodeFrame(filled);
    for (let time = 0; time < frame.times && socket.writable; time += 1) socket.write(bytes);
  }
  const ping = {
    bits: 8,
    opcode: TEXT,
    masked: true,
    payload: '{"type":"ping"}',
    binary: false,
    lie: 0,
    times: 1,
  };
  if (socket.writable) socket.write(encodeFrame(ping));
  const closed = () => connection.over || heard().closed;
  // A frame that says it is longer than it is swallows what follows: then the heartbeat ends the connection.
  const settled = await connection.until(() => closed() || heard().pongs > 0, DEADLINE_MS);
  const faults = heard().texts.flatMap(faultOf);
  if (!settled) faults.push(`HANG: neither an answer nor the end within ${DEADLINE_MS / 1000} s`);
  if (talk.polite && closed()) faults.push('a polite client has lost its connection');
  return faults;
}

/** Reads on whenever asked what has come so far. */
function listen(connection: Connection) {
  const heard = { texts: [] as string[], closed: false, pongs: 0 };
  let next: number | undefined;
  return () => {
    const bytes = connection.received();
    if (next === undefined) {
      const [opened] = readAnswers(bytes, [], connection.over);
      if (opened?.status !== 101) return heard;
      next = bytes.length - opened.body.length;
    }
    const { frames, next: after } = readFrames(bytes, next);
    next = after;
    for (const { opcode, payload } of frames) {
      if (opcode === CLOSE) heard.closed = true;
      if (opcode === PING && connection.socket.writable) connection.socket.write(PONG);
      if (opcode !== TEXT) continue;
      const text = payload.toString('utf8');
      if (text.includes('"type":"pong"')) heard.pongs += 1;
      heard.texts.push(text);
    }
    return heard;
  };
}

function faultOf(text: string): string[] {
  if (text.includes(OTHERS_MARK)) return [`another owner's data: ${text.slice(0, 300)}`];
  try {
    const { type, code } = JSON.parse(text) as { type: string; code?: string };
    if (!TYPES.includes(type)) return [`a frame of an unknown type: ${text.slice(0, 300)}`];
    return type === 'error' && code === 'internal'
      ? [`a mistake of the server's: ${text.slice(0, 300)}`]
      : [];
  } catch {
    return [`a frame that is no JSON: ${text.slice(0, 300)}`];
  }
}
