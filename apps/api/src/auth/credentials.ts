/** What a request brings to say who it is. */
export interface Credentials {
  apiKey?: string;
  bearer?: string;
  /** The password of HTTP Basic: how a browser can open the queue board. */
  password?: string;
}

/** The subprotocol that the server speaks on `/ws`. */
export const WS_PROTOCOL = 'claude-flow';
/** A browser cannot set headers on a WebSocket, but may offer a subprotocol: `key.<api key>`. */
const WS_KEY_PREFIX = 'key.';

/** @param header reads a header by its lower-case name */
export function readCredentials(header: (name: string) => string | undefined): Credentials {
  const credentials: Credentials = {};
  const apiKey = header('x-api-key') ?? keyOfProtocols(header('sec-websocket-protocol'));
  if (apiKey !== undefined) credentials.apiKey = apiKey;
  const [scheme, value] = (header('authorization') ?? '').split(/ +/, 2);
  if (value !== undefined && scheme?.toLowerCase() === 'bearer') credentials.bearer = value;
  if (value !== undefined && scheme?.toLowerCase() === 'basic') {
    const pair = Buffer.from(value, 'base64').toString('utf8');
    credentials.password = pair.slice(pair.indexOf(':') + 1);
  }
  return credentials;
}

function keyOfProtocols(offered: string | undefined): string | undefined {
  const protocol = offered
    ?.split(',')
    .map((name) => name.trim())
    .find((name) => name.startsWith(WS_KEY_PREFIX));
  return protocol?.slice(WS_KEY_PREFIX.length);
}
