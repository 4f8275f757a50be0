import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { App } from '../add-routes.ts';
import { WS_PATH } from '../middleware/authenticate.ts';

/** Whether a request may leave HTTP. What may not is answered by its route, like any other request. */
export function asksForSocket({ method, url = '', headers }: IncomingMessage): boolean {
  const [path] = url.split('?');
  const { upgrade, host = '' } = headers;
  return method === 'GET' && path === WS_PATH && upgrade?.toLowerCase() === 'websocket' && isAddress(host);
}

const isAddress = (host: string) =>
  URL.canParse(`http://${host}`) && new URL(`http://${host}`).pathname === '/';

/** What the adaptor gives along; `outgoing` is missing when a connection is to become a WebSocket. */
interface Env {
  incoming: IncomingMessage;
  outgoing?: object | undefined;
}

/** The app's fetch, for upgrades: a refusal goes out whole, where the adaptor would send its status alone, and ends the connection. */
export function answeringUpgrades(app: App) {
  return async (request: Request, env: unknown): Promise<Response> => {
    const response = await app.fetch(request, env as object);
    const { incoming } = env as Env;
    if (response.status >= 400) await refuse(incoming.socket, response);
    return response;
  };
}

async function refuse(socket: Socket, response: Response): Promise<void> {
  const body = Buffer.from(await response.clone().arrayBuffer());
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`];
  for (const [name, value] of response.headers) {
    if (name !== 'content-length' && name !== 'connection') lines.push(`${name}: ${value}`);
  }
  lines.push(`content-length: ${body.length}`, 'connection: close');
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  // The other side may be gone already; it need not say goodbye either.
  await finished(socket, { readable: false }).catch(() => undefined);
  socket.destroy();
}
