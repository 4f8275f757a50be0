import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every event
  json: any;
}

export interface Receiver {
  /** `http://127.0.0.1:<port>` */
  url: string;
  received: Received[];
  /** Requests that are being answered at this moment, and the most there ever were. */
  readonly atOnce: { now: number; most: number };
  /** Sockets that came. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A real HTTP server that answers as the test says. @param reply must end the response, or leave it hanging */
export async function startReceiver(
  reply: (request: Received, response: ServerResponse, nth: number) => void,
): Promise<Receiver> {
  const received: Received[] = [];
  const atOnce = { now: 0, most: 0 };
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    atOnce.now += 1;
    atOnce.most = Math.max(atOnce.most, atOnce.now);
    response.once('close', () => {
      atOnce.now -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { url = '', method = '', headers } = incoming;
    const one = { path: url, method, headers, body, json: body === '' ? undefined : JSON.parse(body) };
    received.push(one);
    reply(one, response, received.length);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    atOnce,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
