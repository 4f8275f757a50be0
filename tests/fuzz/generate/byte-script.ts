import fc from 'fast-check';
import { nastyText } from './texts.ts';

/** What happens on one connection, in order. */
export type Step =
  /** Latin-1: one character is one byte. */
  | { do: 'send'; bytes: string }
  | { do: 'wait'; ms: number }
  /** The sending half is closed: a half-open connection. */
  | { do: 'finish' }
  | { do: 'reset' };

const send = (bytes: string): Step => ({ do: 'send', bytes });
const HOST = 'Host: localhost\r\n';
const KEY = 'X-API-Key: @own-key@\r\n';
const GET = `GET /livez HTTP/1.1\r\n${HOST}`;
const CREATE = `POST /api/swarm/create HTTP/1.1\r\n${HOST}${KEY}Content-Type: application/json\r\n`;
const UPGRADE = `GET /ws HTTP/1.1\r\n${HOST}${KEY}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n`;
const SOCKET_KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Whole texts for a connection; each is also cut, mixed and repeated. */
const TEXTS = [
  `${GET}\r\n`,
  `${GET}Connection: close\r\n\r\n`,
  `GET /api/swarms HTTP/1.1\r\n${HOST}${KEY}\r\n`,
  `GET /api/swarm/@own-finished@/events HTTP/1.1\r\n${HOST}${KEY}Accept: text/event-stream\r\nLast-Event-ID: 99-x\r\n\r\n`,
  `HEAD /api/swarm/@own-planned@/events HTTP/1.1\r\n${HOST}${KEY}Accept: text/event-stream\r\nConnection: close\r\n\r\n`,
  `GET /api/swarm/@own-finished@/artifacts.tar HTTP/1.1\r\n${HOST}${KEY}\r\n`,
  `GET /livez HTTP/1.0\r\n\r\n`,
  'GET /livez HTTP/0.9\r\n\r\n',
  'GET /livez HTTP/2.0\r\n\r\n',
  'GET /livez\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
  'GET http://example.com/api/swarms HTTP/1.1\r\nHost: a\r\n\r\n',
  `GET /livez HTTP/1.1\r\n${HOST}${HOST}\r\n`,
  'GET /livez HTTP/1.1\r\n\r\n',
  'GET /livez HTTP/1.1\nHost: a\n\n',
  `GET /livez HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`,
  `GET /livez HTTP/1.1\r\n${HOST}: no name\r\n\r\n`,
  `GET /livez HTTP/1.1\r\n${HOST}Space : 1\r\n\r\n`,
  `GET  /livez  HTTP/1.1\r\n${HOST}\r\n`,
  `${CREATE}Content-Length: 2\r\n\r\n{}`,
  `${CREATE}Content-Length: 50\r\n\r\n{}`,
  `${CREATE}Content-Length: 1\r\n\r\n{}GET /livez HTTP/1.1\r\n${HOST}\r\n`,
  `${CREATE}Content-Length: 0\r\n\r\n`,
  `${CREATE}Content-Length: 99999999999999999999\r\n\r\n{}`,
  `${CREATE}Content-Length: +2\r\n\r\n{}`,
  `${CREATE}Content-Length: 2, 2\r\n\r\n{}`,
  `${CREATE}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  `${CREATE}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\n\r\n2;ext=${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  `${CREATE}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  `${CREATE}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
  `${CREATE}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
  `${CREATE}Content-Length: 2000000\r\n\r\n${'x'.repeat(60_000)}`,
  `${UPGRADE}${SOCKET_KEY}\r\n`,
  `${UPGRADE}\r\n`,
  `${UPGRADE}Sec-WebSocket-Key: short\r\n\r\n`,
  `${UPGRADE.replace('13', '12')}${SOCKET_KEY}\r\n`,
  `${UPGRADE}${SOCKET_KEY}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99\r\n\r\n`,
  `${UPGRADE}${SOCKET_KEY}Sec-WebSocket-Protocol: claude-flow, claude-flow, ,\r\n\r\n`,
  `${UPGRADE}${SOCKET_KEY}Origin: http://evil.example\r\n\r\n`,
  `${UPGRADE.replace(KEY, '')}${SOCKET_KEY}\r\n`,
  `${UPGRADE.replace('GET', 'POST')}${SOCKET_KEY}Content-Length: 4\r\n\r\nbody`,
  `${UPGRADE.replace('/ws', '/ws?ticket=%00')}${SOCKET_KEY}\r\n`,
  `${UPGRADE.replace('/ws', '/api/swarms')}${SOCKET_KEY}\r\n`,
  `${UPGRADE.replace('localhost', 'a b')}${SOCKET_KEY}\r\n`,
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello',
  '*1\r\n$4\r\nPING\r\n',
  'SSH-2.0-x\r\n',
  '\0\0\0\0',
  '\r\n\r\n\r\n\r\n',
  `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
  `GET /livez HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17_000)}\r\n\r\n`,
  `${`${GET}\r\n`.repeat(50)}`,
  `${`GET /api/swarms HTTP/1.1\r\n${HOST}${KEY}\r\n`.repeat(20)}${GET}Connection: close\r\n\r\n`,
];

const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: nastyText.map((one) => Buffer.from(one).toString('latin1')) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  },
);
const pause = fc.integer({ min: 1, max: 300 }).map((ms): Step => ({ do: 'wait', ms }));
const whole = text.map((bytes): Step[] => [send(bytes)]);
const cut = fc.tuple(text, fc.nat({ max: 400 })).map(([bytes, at]): Step[] => [send(bytes.slice(0, at))]);
const inTwo = fc
  .tuple(text, fc.nat({ max: 400 }), pause)
  .map(([bytes, at, wait]): Step[] => [send(bytes.slice(0, at)), wait, send(bytes.slice(at))]);
/** A few bytes at a time, for longer than a request may take. */
const drip = text.map((bytes): Step[] =>
  [...bytes.slice(0, 30)].flatMap((byte): Step[] => [send(byte), { do: 'wait', ms: 80 }]),
);
const end = fc.constantFrom<Step[]>(
  [],
  [],
  [{ do: 'finish' }],
  [{ do: 'reset' }],
  [{ do: 'wait', ms: 50 }, { do: 'finish' }],
);

/** A connection of a client that is broken, slow, malicious or gone. */
export const byteScript: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 5, arbitrary: whole },
        { weight: 3, arbitrary: cut },
        { weight: 3, arbitrary: inTwo },
        { weight: 1, arbitrary: drip },
      ),
      { minLength: 0, maxLength: 3 },
    ),
    end,
  )
  .map(([parts, last]) => [...parts.flat(), ...last]);
